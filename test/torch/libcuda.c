/*
 * A stand-in for NVIDIA's driver, as far as the exported Python package calls it: device memory is the host's, and what is loaded
 * and launched is told to the test, which has it carried out. It refuses what the driver would refuse.
 */
#include <stdlib.h>
#include <string.h>

enum { success = 0, invalidValue = 1, invalidContext = 201, noBinaryForGpu = 209, notFound = 500, captureUnsupported = 900 };

typedef int (*Loaded)(const char *ptx);
typedef int (*Launched)(int module, const char *kernel, unsigned blocks, unsigned threads, unsigned shared, void *stream, void **arguments);

static Loaded loaded;
static Launched launched;

/* Contexts that the calling thread has entered. */
static _Thread_local int depth;
static char context;

struct Function {
  int module;
  unsigned allowed;
  char name[256];
};

void standInTells(Loaded onLoad, Launched onLaunch) {
  loaded = onLoad;
  launched = onLaunch;
}

int standInDepth(void) { return depth; }

/* Whether a graph is captured on some thread, and how much the calling thread minds: 0, as threads do, or 2, not at all. */
static int capturing;
static _Thread_local int mode;

void standInCaptures(int whether) { capturing = whether; }

int standInMode(void) { return mode; }

int cuThreadExchangeStreamCaptureMode(int *of) {
  if (*of < 0 || *of > 2) return invalidValue;
  int before = mode;
  mode = *of;
  *of = before;
  return success;
}

int cuInit(unsigned flags) { return flags == 0 ? success : invalidValue; }

int cuGetErrorName(int code, const char **name) {
  *name = code == noBinaryForGpu ? "CUDA_ERROR_NO_BINARY_FOR_GPU" : code == invalidValue ? "CUDA_ERROR_INVALID_VALUE" : NULL;
  return *name ? success : invalidValue;
}

int cuGetErrorString(int code, const char **text) {
  *text = code == invalidValue ? "invalid argument" : NULL;
  return *text ? success : invalidValue;
}

int cuDeviceGet(int *device, int ordinal) {
  *device = 7 + ordinal;
  return ordinal == 0 ? success : 101;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  if (device != 7) return 101;
  *value = attribute == 75 ? 8 : attribute == 76 ? 0 : attribute == 97 ? 163 << 10 : -1;
  return *value < 0 ? invalidValue : success;
}

int cuDevicePrimaryCtxRetain(void **out, int device) {
  *out = &context;
  return device == 7 ? success : 101;
}

int cuCtxPushCurrent_v2(void *of) {
  if (of != &context) return invalidContext;
  depth++;
  return success;
}

int cuCtxPopCurrent_v2(void **of) {
  if (depth == 0) return invalidContext;
  *of = &context;
  depth--;
  return success;
}

/* Handles are numbers from 1, which the test gives. Binaries are of no use to it. */
int cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options, void **values) {
  if (depth == 0) return invalidContext;
  if (capturing && mode != 2) return captureUnsupported;
  if (memcmp(image, "\x7f" "ELF", 4) == 0) return noBinaryForGpu;
  long handle = loaded(image);
  if (handle > 0) {
    *module = (void *)handle;
    return success;
  }
  if (count == 2 && options[0] == 5 && options[1] == 6) strncpy(values[0], "the text is no PTX", (size_t)values[1]);
  return 218;
}

int cuModuleGetFunction(void **function, void *module, const char *name) {
  if (depth == 0) return invalidContext;
  if (capturing && mode != 2) return captureUnsupported;
  if (module == NULL || strlen(name) >= sizeof((struct Function *)0)->name) return notFound;
  struct Function *made = calloc(1, sizeof *made);
  made->module = (int)(long)module;
  made->allowed = 48 << 10;
  strcpy(made->name, name);
  *function = made;
  return success;
}

int cuFuncSetAttribute(void *function, int attribute, int value) {
  if (depth == 0) return invalidContext;
  if (attribute != 8 || value > 163 << 10) return invalidValue;
  ((struct Function *)function)->allowed = (unsigned)value;
  return success;
}

int cuLaunchKernel(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
                   unsigned shared, void *stream, void **arguments, void **extra) {
  const struct Function *of = function;
  if (depth == 0) return invalidContext;
  if (gridX == 0 || gridX > 0x7fffffffu || gridY != 1 || gridZ != 1 || blockX == 0 || blockX > 1024 || blockY != 1 || blockZ != 1)
    return invalidValue;
  if (shared > of->allowed || extra != NULL) return invalidValue;
  return launched(of->module, of->name, gridX, blockX, shared, stream, arguments);
}

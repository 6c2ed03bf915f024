/*
 * Modules and launches. What an image holds is told beforehand, by its hash: parsing PTX and running kernels is the hook's
 * business. A launch is held against what was told of its kernel, as the driver holds it against the binary.
 */
#include "stand-in.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Kernel { Kernel* next; int image; char name[256]; int max_threads, shared, parameters; uint32_t *offsets, *sizes, bytes; };
typedef struct Image { struct Image* next; uint64_t hash; int number; Kernel* kernels; } Image;
typedef struct Function Function;
typedef struct { Object object; const Image* image; Function* functions; } Module;
struct Function { Object object; Function* next; const Module* module; const Kernel* kernel; int most_dynamic; };
/* Image, kernel, grid and block, dynamic shared bytes, parameters and their bytes. Answers with a status. */
typedef int (*Hook)(int, const char*, const uint32_t*, uint32_t, const void*, uint64_t);

static Image* images;
static Hook hook;
int newest_ptx = 90;
int shared_of(int device);
int arch_of(int device);

API void stand_in_hook(Hook given) { hook = given; }

static uint64_t hash_of(const unsigned char* bytes, size_t size) {
  uint64_t hash = 14695981039346656037u;
  for (size_t k = 0; k < size; k++) hash = (hash ^ bytes[k]) * 1099511628211u;
  return hash;
}
API int stand_in_image(const void* bytes, uint64_t size) {
  Image* image = calloc(1, sizeof *image);
  image->hash = hash_of(bytes, size);
  image->number = images ? images->number + 1 : 1;
  image->next = images;
  images = image;
  return image->number;
}
/* A kernel of the image that was told of last; the layout is the parameters' offsets, then their sizes. */
API void stand_in_kernel(const char* name, int max_threads, int shared, int parameters, const uint32_t* layout, uint32_t bytes) {
  Kernel* kernel = calloc(1, sizeof *kernel);
  snprintf(kernel->name, sizeof kernel->name, "%s", name);
  kernel->image = images->number;
  kernel->max_threads = max_threads;
  kernel->shared = shared;
  kernel->parameters = parameters;
  kernel->offsets = memcpy(malloc(8 * parameters + 8), layout, 8 * parameters);
  kernel->sizes = kernel->offsets + parameters;
  kernel->bytes = bytes;
  kernel->next = images->kernels;
  images->kernels = kernel;
}

static uint64_t word(const unsigned char* at, int bytes) {
  uint64_t value = 0;
  memcpy(&value, at, bytes);
  return value;
}
/* A 64-bit ELF file says itself how long it is: its tables and sections end somewhere. */
static size_t elf_bytes(const unsigned char* file) {
  const uint64_t sections = word(file + 40, 8), programs = word(file + 32, 8);
  const uint64_t each = word(file + 58, 2), count = word(file + 60, 2);
  uint64_t end = sections + each * count;
  if (programs + word(file + 54, 2) * word(file + 56, 2) > end) end = programs + word(file + 54, 2) * word(file + 56, 2);
  for (uint64_t k = 0; k < count; k++) {
    const unsigned char* section = file + sections + k * each;
    const uint64_t section_end = word(section + 24, 8) + (word(section + 4, 4) == 8 ? 0 : word(section + 32, 8));
    if (section_end > end) end = section_end;
  }
  return end;
}
static int elf_arch(const unsigned char* file) { return (file[8] >= 8 ? word(file + 48, 4) >> 8 : word(file + 48, 4)) & 0xff; }

static int examine(const unsigned char* bytes, const Image** out, const char** complaint) {
  const int device = current_context()->device, elf = !memcmp(bytes, "\177ELF", 4);
  const char* version = elf ? 0 : strstr((const char*)bytes, ".version ");
  int major = 0, minor = 0;
  if (elf && (elf_arch(bytes) / 10 != arch_of(device) / 10 || elf_arch(bytes) > arch_of(device))) {
    *complaint = "no binary for this GPU";
    return NO_BINARY_FOR_GPU;
  }
  if (!elf && (!version || sscanf(version, ".version %d.%d", &major, &minor) != 2)) {
    *complaint = "neither a binary nor PTX";
    return INVALID_IMAGE;
  }
  if (!elf && 10 * major + minor > newest_ptx) {
    *complaint = "ptxas fatal   : Unsupported .version; the newest is older";
    return UNSUPPORTED_PTX_VERSION;
  }
  const uint64_t hash = hash_of(bytes, elf ? elf_bytes(bytes) : strlen((const char*)bytes));
  for (*out = images; *out; *out = (*out)->next) if ((*out)->hash == hash) return SUCCESS;
  *complaint = "the stand-in was told of no such image";
  return INVALID_IMAGE;
}
API int cuModuleLoadDataEx(Module** out, const void* bytes, unsigned count, const int* options, void** values) {
  const Image* image = 0;
  const char* complaint = "the stand-in was told to fail";
  int status = enter(E_cuModuleLoadDataEx, CURRENT);
  if (!status && spoils_capture()) return CAPTURE_UNSUPPORTED;
  if (!status) status = examine(bytes, &image, &complaint);
  char* log = 0;
  size_t room = 0;
  for (unsigned k = 0; k < count; k++) {
    if (options[k] == 5) log = values[k];
    if (options[k] == 6) room = (size_t)values[k];
  }
  if (status && log && room) snprintf(log, room, "%s", complaint);
  if (status) return status;
  *out = make(MODULE, sizeof(Module), 0);
  (*out)->image = image;
  return SUCCESS;
}
API int cuModuleUnload(void* handle) {
  GIVE_BACK(cuModuleUnload, CURRENT);
  Module* module = find(handle, MODULE);
  if (!module) return INVALID_HANDLE;
  if (pending_work(module)) note_misuse("a module is unloaded while its kernels may run");
  for (Function* one = module->functions; one;) { Function* next = one->next; drop(one); one = next; }
  drop(module);
  return told;
}
API int cuModuleGetFunction(Function** out, void* handle, const char* name) {
  ENTER(cuModuleGetFunction, CURRENT);
  Module* module = find(handle, MODULE);
  if (!module) return INVALID_HANDLE;
  for (const Kernel* kernel = module->image->kernels; kernel; kernel = kernel->next)
    if (!strcmp(kernel->name, name)) {
      *out = make(FUNCTION, sizeof(Function), 0);
      (*out)->next = module->functions;
      (*out)->module = module;
      module->functions = *out;
      (*out)->kernel = kernel;
      (*out)->most_dynamic = (48 << 10) - kernel->shared;
      return SUCCESS;
    }
  return NOT_FOUND;
}
API int cuFuncGetAttribute(int* out, int attribute, void* handle) {
  ENTER(cuFuncGetAttribute, CURRENT);
  const Function* function = find(handle, FUNCTION);
  if (!function) return INVALID_HANDLE;
  switch (attribute) {
    case 0: *out = function->kernel->max_threads; return SUCCESS;
    case 1: *out = function->kernel->shared; return SUCCESS;
    case 8: *out = function->most_dynamic; return SUCCESS;
    default: return INVALID_VALUE;
  }
}
API int cuFuncSetAttribute(void* handle, int attribute, int value) {
  ENTER(cuFuncSetAttribute, CURRENT);
  Function* function = find(handle, FUNCTION);
  if (!function) return INVALID_HANDLE;
  if (attribute != 8 || value < 0 || value > shared_of(current_context()->device) - function->kernel->shared)
    return INVALID_VALUE;
  function->most_dynamic = value;
  return SUCCESS;
}
API int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* out, void* handle, int threads, size_t shared) {
  ENTER(cuOccupancyMaxActiveBlocksPerMultiprocessor, CURRENT);
  const Function* function = find(handle, FUNCTION);
  if (!function) return INVALID_HANDLE;
  if (threads < 1 || threads > function->kernel->max_threads || shared > (size_t)function->most_dynamic) return INVALID_VALUE;
  *out = 2048 / threads;
  return SUCCESS;
}

API int cuLaunchKernel(void* handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                       void* stream_handle, void** parameters, void** extra) {
  ENTER(cuLaunchKernel, CURRENT);
  const Function* function = find(handle, FUNCTION);
  Stream* stream = stream_of(stream_handle);
  if (!function || !stream) return INVALID_HANDLE;
  const Kernel* kernel = function->kernel;
  if (!gx || !gy || !gz || gx > 0x7fffffff || gy > 65535 || gz > 65535 || !bx || !by || !bz || bz > 64 || bx > 1024 || by > 1024 ||
      (uint64_t)bx * by * bz > (uint64_t)kernel->max_threads || shared > (unsigned)function->most_dynamic || extra ||
      (kernel->parameters && !parameters))
    return INVALID_VALUE;
  unsigned char* packed = calloc(1, kernel->bytes + 1);
  for (int k = 0; k < kernel->parameters; k++) memcpy(packed + kernel->offsets[k], parameters[k], kernel->sizes[k]);
  Op* op = new_op(LAUNCH, packed, kernel->bytes);
  free(packed);
  const uint32_t dims[6] = { gx, gy, gz, bx, by, bz };
  memcpy(op->dims, dims, sizeof dims);
  op->shared = shared;
  op->kernel = kernel;
  op->module = function->module;
  submit(stream, op);
  return SUCCESS;
}
int run_launch(const Op* op) {
  return hook ? hook(op->kernel->image, op->kernel->name, op->dims, op->shared, op->held, op->held_bytes) : SUCCESS;
}

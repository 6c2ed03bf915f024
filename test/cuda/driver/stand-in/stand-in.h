/*
 * A stand-in for NVIDIA's driver library, so that what calls the driver is tested without a GPU: with handles, geometry and
 * order checked as the driver checks them, and with every failure at will. Device memory is the host's. Work in a stream is
 * carried out when something waits for it and not before, since that is what shows who forgot to wait. Kernels are carried
 * out by whoever sets a hook.
 */
#ifndef STAND_IN_H
#define STAND_IN_H
#include <stddef.h>
#include <stdint.h>

#define API __attribute__((visibility("default")))

typedef uint64_t CUdeviceptr;

/* The status codes that are given or known here. */
enum {
  SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
  INVALID_IMAGE = 200, INVALID_CONTEXT = 201, NO_BINARY_FOR_GPU = 209, UNSUPPORTED_PTX_VERSION = 222, INVALID_HANDLE = 400,
  ILLEGAL_STATE = 401, NOT_FOUND = 500, NOT_READY = 600, ILLEGAL_ADDRESS = 700, CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901, CAPTURE_ISOLATION = 905
};

#define ENTRY_POINTS(X) \
  X(cuInit) X(cuDriverGetVersion) X(cuGetErrorName) X(cuGetErrorString) X(cuDeviceGetCount) X(cuDeviceGet) X(cuDeviceGetName) \
  X(cuDeviceGetAttribute) X(cuDeviceGetUuid_v2) X(cuDeviceTotalMem_v2) X(cuDevicePrimaryCtxRetain) \
  X(cuDevicePrimaryCtxRelease_v2) X(cuCtxSetCurrent) X(cuCtxGetCurrent) X(cuModuleLoadDataEx) X(cuModuleUnload) \
  X(cuModuleGetFunction) X(cuFuncGetAttribute) X(cuFuncSetAttribute) X(cuLaunchKernel) \
  X(cuOccupancyMaxActiveBlocksPerMultiprocessor) X(cuMemAlloc_v2) X(cuMemFree_v2) X(cuMemAllocAsync) X(cuMemFreeAsync) \
  X(cuMemGetInfo_v2) X(cuMemHostAlloc) X(cuMemFreeHost) X(cuMemcpyHtoD_v2) X(cuMemcpyDtoH_v2) X(cuMemcpyHtoDAsync_v2) \
  X(cuMemcpyDtoHAsync_v2) X(cuMemcpyDtoDAsync_v2) X(cuMemsetD8Async) X(cuMemsetD32Async) X(cuPointerGetAttribute) \
  X(cuStreamCreate) X(cuStreamDestroy_v2) X(cuStreamSynchronize) X(cuStreamQuery) X(cuStreamWaitEvent) \
  X(cuStreamBeginCapture_v2) X(cuStreamIsCapturing) X(cuStreamEndCapture) X(cuEventCreate) X(cuEventDestroy_v2) \
  X(cuEventRecord) X(cuEventQuery) X(cuEventSynchronize) X(cuEventElapsedTime) X(cuGraphInstantiateWithFlags) \
  X(cuGraphLaunch) X(cuGraphExecDestroy) X(cuGraphDestroy)

#define AS_NUMBER(name) E_##name,
enum { ENTRY_POINTS(AS_NUMBER) ENTRIES };

/* control.c: every entry point begins with one of these. What a call needs: nothing, cuInit, or a context too. */
enum { NOTHING, STARTED, CURRENT };
int enter(int entry, int needs);
extern int was_told;
#define ENTER(name, needs) do { int status = enter(E_##name, needs); if (status) return status; } while (0)
/* What gives something back does so though it is told to fail: the driver, too, may answer with the error of an earlier call. */
#define GIVE_BACK(name, needs) int told = enter(E_##name, needs); if (told && !was_told) return told
void note_misuse(const char* what);
extern double now; /* Milliseconds of a clock that only work moves. */

/* objects.c: handles. A handle is valid while its object is in the list. */
typedef enum { MODULE, FUNCTION, STREAM, EVENT, GRAPH, EXEC, KINDS } Kind;
typedef struct Stream Stream;
typedef struct Context { int device, retains, sticky; Stream* legacy; } Context;
typedef struct Object { struct Object* next; Kind kind; Context* context; void (*end)(struct Object*); } Object;
extern Context contexts[2];
Context* current_context(void);
void set_current(Context* context);
/* `end` frees what the object holds, when it is dropped. */
void* make(Kind kind, size_t size, void (*end)(Object*));
/* The object of a handle, if it is one of this kind and of the current context; else null. */
void* find(const void* handle, Kind kind);
void drop(void* object);
extern long live[KINDS];
extern long abandoned; /* What still was there when its context was destroyed. */
void abandon(Context* context);

/* memory.c */
typedef struct Allocation {
  struct Allocation* next; char* base; size_t bytes; Context* context; int pinned, managed, freeing;
} Allocation;
extern Allocation* allocations;
extern uint64_t live_bytes, peak_bytes, pinned_bytes, live_allocations, memory_limit;
Allocation* allocation_at(CUdeviceptr at, size_t bytes, int pinned);
void release(Allocation* allocation);

/* stream.c: work in order. */
typedef enum { COPY_IN, COPY_OUT, COPY, FILL8, FILL32, FREE, LAUNCH, RECORD, WAIT } Type;
typedef struct Mark { int uses, done; double at; Stream* stream; } Mark;
typedef struct Kernel Kernel;
typedef struct Op {
  struct Op* next; Type type; CUdeviceptr to, from; size_t bytes; uint32_t value; void* held; size_t held_bytes; Mark* mark;
  const Kernel* kernel; const void* module; uint32_t dims[6], shared;
} Op;
struct Stream {
  Object object; Op *first, *last; int capturing, relaxed, invalid; Op *captured, *captured_last;
};
Stream* stream_of(void* handle);
/* Takes the operation over, into the queue or the graph being captured. */
void submit(Stream* stream, Op* op);
Op* new_op(Type type, const void* held, size_t held_bytes);
Op* copy_of(const Op* op);
void end_ops(Op* first);
int run_stream(Stream* stream, const Mark* until);
int run_all(Context* context);
/* Whether this thread captures, so that calls which wait are forbidden; the capture is spoilt by one. */
int spoils_capture(void);
void forget_default_stream(Context* context);
/* Of the launches of a module, or of all. */
long pending_work(const void* module);

/* module.c: carries out a launch; a status that is not success loses the device. */
int run_launch(const Op* op);
#endif

/* Starting, the two devices that can be seen, their primary contexts, and the names of errors. */
#include "stand-in.h"
#include <stdio.h>
#include <string.h>

extern int started, device_count;

API int cuInit(unsigned flags) {
  ENTER(cuInit, NOTHING);
  if (flags) return INVALID_VALUE;
  if (!device_count) return NO_DEVICE;
  started = 1;
  return SUCCESS;
}
API int cuDriverGetVersion(int* version) { ENTER(cuDriverGetVersion, NOTHING); *version = 13010; return SUCCESS; }

/* A GPU with memory pools, and an older one without. */
static const struct { const char* name; int major, minor, multiprocessors, opt_in, pools; } devices[2] = {
  { "Stand-in H100", 9, 0, 132, 227 << 10, 1 },
  { "Stand-in T4", 7, 5, 40, 64 << 10, 0 },
};
static int is_device(int device) { return device >= 0 && device < device_count; }

API int cuDeviceGetCount(int* count) { ENTER(cuDeviceGetCount, STARTED); *count = device_count; return SUCCESS; }
API int cuDeviceGet(int* device, int ordinal) {
  ENTER(cuDeviceGet, STARTED);
  if (!is_device(ordinal)) return INVALID_DEVICE;
  *device = ordinal;
  return SUCCESS;
}
API int cuDeviceGetName(char* name, int room, int device) {
  ENTER(cuDeviceGetName, STARTED);
  if (!is_device(device)) return INVALID_DEVICE;
  snprintf(name, room, "%s", devices[device].name);
  return SUCCESS;
}
API int cuDeviceGetUuid_v2(unsigned char* uuid, int device) {
  ENTER(cuDeviceGetUuid_v2, STARTED);
  if (!is_device(device)) return INVALID_DEVICE;
  for (int k = 0; k < 16; k++) uuid[k] = 16 * device + k;
  return SUCCESS;
}
API int cuDeviceTotalMem_v2(uint64_t* bytes, int device) {
  ENTER(cuDeviceTotalMem_v2, STARTED);
  if (!is_device(device)) return INVALID_DEVICE;
  *bytes = memory_limit;
  return SUCCESS;
}
API int cuDeviceGetAttribute(int* value, int attribute, int device) {
  ENTER(cuDeviceGetAttribute, STARTED);
  if (!is_device(device)) return INVALID_DEVICE;
  switch (attribute) {
    case 8: *value = 48 << 10; return SUCCESS;
    case 16: *value = devices[device].multiprocessors; return SUCCESS;
    case 75: *value = devices[device].major; return SUCCESS;
    case 76: *value = devices[device].minor; return SUCCESS;
    case 97: *value = devices[device].opt_in; return SUCCESS;
    case 115: *value = devices[device].pools; return SUCCESS;
    default: return INVALID_VALUE;
  }
}
int shared_of(int device) { return devices[device].opt_in; }
int arch_of(int device) { return devices[device].major * 10 + devices[device].minor; }

API int cuDevicePrimaryCtxRetain(Context** context, int device) {
  ENTER(cuDevicePrimaryCtxRetain, STARTED);
  if (!is_device(device)) return INVALID_DEVICE;
  *context = &contexts[device];
  contexts[device].retains++;
  return SUCCESS;
}
API int cuDevicePrimaryCtxRelease_v2(int device) {
  GIVE_BACK(cuDevicePrimaryCtxRelease_v2, STARTED);
  if (!is_device(device)) return INVALID_DEVICE;
  if (!contexts[device].retains) return INVALID_CONTEXT;
  if (--contexts[device].retains == 0) abandon(&contexts[device]);
  return told;
}
API int cuCtxSetCurrent(Context* context) {
  ENTER(cuCtxSetCurrent, STARTED);
  if (context && (context < contexts || context > contexts + 1 || !context->retains)) return INVALID_CONTEXT;
  set_current(context);
  return SUCCESS;
}
API int cuCtxGetCurrent(Context** context) { ENTER(cuCtxGetCurrent, STARTED); *context = current_context(); return SUCCESS; }

static const struct { int code; const char *name, *text; } errors[] = {
  { SUCCESS, "CUDA_SUCCESS", "no error" },
  { INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument" },
  { OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory" },
  { NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error" },
  { 46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable" },
  { NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected" },
  { INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal" },
  { INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid" },
  { INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context" },
  { NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device" },
  { UNSUPPORTED_PTX_VERSION, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain." },
  { INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle" },
  { NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found" },
  { NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready" },
  { ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered" },
  { 716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address" },
  { 719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure" },
  { CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing" },
  { CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture" },
};
static int error_text(int code, const char** out, int wanted_name) {
  *out = 0;
  for (size_t k = 0; k < sizeof errors / sizeof *errors; k++)
    if (errors[k].code == code) { *out = wanted_name ? errors[k].name : errors[k].text; return SUCCESS; }
  return INVALID_VALUE;
}
API int cuGetErrorName(int code, const char** name) { ENTER(cuGetErrorName, NOTHING); return error_text(code, name, 1); }
API int cuGetErrorString(int code, const char** text) { ENTER(cuGetErrorString, NOTHING); return error_text(code, text, 0); }

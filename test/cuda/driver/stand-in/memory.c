/* Device memory and pinned memory, both the host's: poisoned when it is given out and when it is taken back, within a limit. */
#include "stand-in.h"
#include <stdlib.h>
#include <string.h>

enum { POISON = 0xa5, FREED = 0xdd, ALIGNMENT = 512 };

Allocation* allocations;
uint64_t live_bytes, peak_bytes, pinned_bytes, live_allocations, memory_limit = (uint64_t)1 << 30;

Allocation* allocation_at(CUdeviceptr at, size_t bytes, int pinned) {
  for (Allocation* one = allocations; one; one = one->next) {
    const CUdeviceptr base = (CUdeviceptr)one->base;
    if (one->pinned == pinned && at >= base && at - base <= one->bytes && bytes <= one->bytes - (at - base)) return one;
  }
  return 0;
}

/* An allocation that is not about to be freed, as calls may name it. */
static int known(CUdeviceptr at, size_t bytes) {
  const Allocation* one = allocation_at(at, bytes, 0);
  return one && !one->freeing;
}

static int allocate(void** out, size_t bytes, int pinned) {
  if (!bytes) return INVALID_VALUE;
  if (!pinned && (bytes > memory_limit || live_bytes > memory_limit - bytes)) return OUT_OF_MEMORY;
  Allocation* one = calloc(1, sizeof *one);
  /* Not rounded up, so that a sanitizer sees the first byte beyond. */
  if (posix_memalign((void**)&one->base, ALIGNMENT, bytes)) { free(one); return OUT_OF_MEMORY; }
  memset(one->base, POISON, bytes);
  one->bytes = bytes;
  one->context = current_context();
  one->pinned = pinned;
  one->next = allocations;
  allocations = one;
  if (pinned) pinned_bytes += bytes;
  else {
    live_bytes += bytes;
    live_allocations++;
    if (live_bytes > peak_bytes) peak_bytes = live_bytes;
  }
  *out = one->base;
  return SUCCESS;
}

void release(Allocation* allocation) {
  for (Allocation** at = &allocations; *at; at = &(*at)->next)
    if (*at == allocation) {
      *at = allocation->next;
      if (allocation->pinned) pinned_bytes -= allocation->bytes;
      else { live_bytes -= allocation->bytes; live_allocations--; }
      memset(allocation->base, FREED, allocation->bytes);
      free(allocation->base);
      free(allocation);
      return;
    }
}

static Allocation* beginning_at(CUdeviceptr at, int pinned) {
  Allocation* one = allocation_at(at, 1, pinned);
  return one && (CUdeviceptr)one->base == at && !one->freeing && one->context == current_context() ? one : 0;
}

API int cuMemAlloc_v2(CUdeviceptr* out, size_t bytes) {
  ENTER(cuMemAlloc_v2, CURRENT);
  if (spoils_capture()) return CAPTURE_UNSUPPORTED;
  return allocate((void**)out, bytes, 0);
}
API int cuMemFree_v2(CUdeviceptr at) {
  GIVE_BACK(cuMemFree_v2, CURRENT);
  if (spoils_capture()) return CAPTURE_UNSUPPORTED;
  Allocation* one = beginning_at(at, 0);
  if (!one) return INVALID_VALUE;
  const int status = run_all(one->context);
  release(one);
  return told ? told : status;
}
API int cuMemAllocAsync(CUdeviceptr* out, size_t bytes, void* handle) {
  ENTER(cuMemAllocAsync, CURRENT);
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (stream->capturing) return CAPTURE_UNSUPPORTED;
  return allocate((void**)out, bytes, 0);
}
API int cuMemFreeAsync(CUdeviceptr at, void* handle) {
  GIVE_BACK(cuMemFreeAsync, CURRENT);
  Stream* stream = stream_of(handle);
  Allocation* one = beginning_at(at, 0);
  if (!stream) return INVALID_HANDLE;
  if (!one) return INVALID_VALUE;
  if (stream->capturing) return CAPTURE_UNSUPPORTED;
  one->freeing = 1;
  Op* op = new_op(FREE, 0, 0);
  op->to = at;
  submit(stream, op);
  return told;
}
API int cuMemGetInfo_v2(uint64_t* free_bytes, uint64_t* total) {
  ENTER(cuMemGetInfo_v2, CURRENT);
  *free_bytes = memory_limit - live_bytes;
  *total = memory_limit;
  return SUCCESS;
}
API int cuMemHostAlloc(void** out, size_t bytes, unsigned flags) {
  ENTER(cuMemHostAlloc, CURRENT);
  if (flags > 7) return INVALID_VALUE;
  if (spoils_capture()) return CAPTURE_UNSUPPORTED;
  return allocate(out, bytes, 1);
}
API int cuMemFreeHost(void* at) {
  GIVE_BACK(cuMemFreeHost, CURRENT);
  Allocation* one = beginning_at((CUdeviceptr)at, 1);
  if (!one) return INVALID_VALUE;
  if (pending_work(0)) note_misuse("pinned memory is freed while work may still copy from or to it");
  const int status = run_all(one->context);
  release(one);
  return told ? told : status;
}

/* Copies. What is not pinned is read before the call returns, and what is copied there is there when it returns. */
API int cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  ENTER(cuMemcpyHtoD_v2, CURRENT);
  if (spoils_capture()) return CAPTURE_UNSUPPORTED;
  if (!known(to, bytes)) return INVALID_VALUE;
  memcpy((void*)to, from, bytes);
  return SUCCESS;
}
API int cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  ENTER(cuMemcpyDtoH_v2, CURRENT);
  if (spoils_capture()) return CAPTURE_UNSUPPORTED;
  if (!known(from, bytes)) return INVALID_VALUE;
  memcpy(to, (void*)from, bytes);
  return SUCCESS;
}
static int enqueue_copy(Type type, CUdeviceptr to, CUdeviceptr from, size_t bytes, void* handle) {
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (type != COPY_OUT && !known(to, bytes)) return INVALID_VALUE;
  if (type != COPY_IN && !known(from, bytes)) return INVALID_VALUE;
  const int held = type == COPY_IN && !allocation_at(from, bytes, 1);
  Op* op = held ? new_op(type, (void*)from, bytes) : new_op(type, 0, 0);
  op->to = to;
  op->from = from;
  op->bytes = bytes;
  submit(stream, op);
  return type == COPY_OUT && !stream->capturing && !allocation_at(to, bytes, 1) ? run_stream(stream, 0) : SUCCESS;
}
API int cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, void* stream) {
  ENTER(cuMemcpyHtoDAsync_v2, CURRENT);
  return enqueue_copy(COPY_IN, to, (CUdeviceptr)from, bytes, stream);
}
API int cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, void* stream) {
  ENTER(cuMemcpyDtoHAsync_v2, CURRENT);
  return enqueue_copy(COPY_OUT, (CUdeviceptr)to, from, bytes, stream);
}
API int cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, void* stream) {
  ENTER(cuMemcpyDtoDAsync_v2, CURRENT);
  return enqueue_copy(COPY, to, from, bytes, stream);
}
static int enqueue_fill(Type type, CUdeviceptr to, uint32_t value, size_t bytes, void* handle) {
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (!known(to, bytes) || (type == FILL32 && to % 4)) return INVALID_VALUE;
  Op* op = new_op(type, 0, 0);
  op->to = to;
  op->bytes = bytes;
  op->value = value;
  submit(stream, op);
  return SUCCESS;
}
API int cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, void* stream) {
  ENTER(cuMemsetD8Async, CURRENT);
  return enqueue_fill(FILL8, to, value, count, stream);
}
API int cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, void* stream) {
  ENTER(cuMemsetD32Async, CURRENT);
  return enqueue_fill(FILL32, to, value, 4 * count, stream);
}

API int cuPointerGetAttribute(int* out, int attribute, CUdeviceptr at) {
  ENTER(cuPointerGetAttribute, CURRENT);
  const Allocation* device = allocation_at(at, 1, 0);
  const Allocation* one = device ? device : allocation_at(at, 1, 1);
  if (!one) return INVALID_VALUE;
  switch (attribute) {
    case 2: *out = one->pinned ? 1 : 2; return SUCCESS;
    case 8: *(char*)out = one->managed; return SUCCESS;
    case 9: *out = one->context->device; return SUCCESS;
    default: return INVALID_VALUE;
  }
}

/* For whoever carries out kernels: what an address points into, and bytes from and to there. */
API int stand_in_find(CUdeviceptr at, uint64_t* out) {
  const Allocation* one = allocation_at(at, 1, 0);
  if (!one) return 0;
  out[0] = (uint64_t)one->base;
  out[1] = one->bytes;
  return 1;
}
API void stand_in_peek(void* to, CUdeviceptr from, uint64_t bytes) { memcpy(to, (void*)from, bytes); }
API void stand_in_poke(CUdeviceptr to, const void* from, uint64_t bytes) { memcpy((void*)to, from, bytes); }
API void stand_in_manage(CUdeviceptr at) { Allocation* one = allocation_at(at, 1, 0); if (one) one->managed = 1; }

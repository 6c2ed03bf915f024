// What lanes exchange, and how a block's threads meet.
extern "C" __global__ void shuffles(const int* x, int* y) {
  const int v = x[threadIdx.x], i = threadIdx.x;
  int* to = y + 8 * i;
  to[0] = __shfl_sync(0xffffffffu, v, i * 7);
  to[1] = __shfl_up_sync(0xffffffffu, v, 3, 8);
  to[2] = __shfl_down_sync(0xffffffffu, v, 5, 16);
  to[3] = __shfl_xor_sync(0xffffffffu, v, 9);
  const double d = __shfl_xor_sync(0xffffffffu, v * 0.5, 1);
  to[4] = (int)(d * 4);
  const long long l = __shfl_down_sync(0xffffffffu, (long long)v << 33, 1);
  to[5] = (int)(l >> 33);
  to[6] = (i & 31) < 8 ? __shfl_sync(0xffu, v, (i & 7) ^ 1) : -1;
  to[7] = __shfl_sync(0xffffffffu, v, 2, 4);
}
extern "C" __global__ void votes(const int* x, unsigned* y) {
  const int v = x[threadIdx.x];
  unsigned* to = y + 8 * threadIdx.x;
  to[0] = __ballot_sync(0xffffffffu, v & 1);
  to[1] = __any_sync(0xffffffffu, v == 7) | (__all_sync(0xffffffffu, v < 100) << 1) | (__uni_sync(0xffffffffu, v > 3) << 2);
  to[2] = __match_any_sync(0xffffffffu, v & 3);
  int all;
  to[3] = __match_all_sync(0xffffffffu, v >> 20, &all);
  to[4] = all;
  to[5] = __activemask();
  to[6] = v & 1 ? __ballot_sync(__activemask(), v & 2) : 0;
#if __CUDA_ARCH__ >= 800
  to[7] = __reduce_add_sync(0xffffffffu, v) ^ __reduce_max_sync(0xffffffffu, v) ^ __reduce_xor_sync(0xffffffffu, (unsigned)v);
#else
  to[7] = 0;
#endif
}
extern "C" __global__ void barriers(const int* x, int* y, int n) {
  const int i = threadIdx.x;
  if (i >= n) return;  // whole warps, and a part of one
  __shared__ int seen[256];
  seen[i] = x[i];
  const int even = __syncthreads_count((x[i] & 1) == 0);
  const int all = __syncthreads_and(x[i] < 1000), some = __syncthreads_or(x[i] == 77);
  y[i] = seen[(i + 1) % n] + even * 1000 + all * 100000 + some * 200000;
}
extern "C" __global__ void named(const int* x, int* y) {
  __shared__ int a[128], b[64];
  const int i = threadIdx.x;
  if (i < 64) {
    // Producers: two warps among themselves, then they tell the consumers.
    a[i] = x[i];
    asm volatile("bar.sync 1, 64;" ::: "memory");
    b[i] = a[63 - i] * 2;
    __threadfence_block();
    asm volatile("bar.arrive 2, 128;" ::: "memory");
  } else {
    asm volatile("bar.sync 2, 128;" ::: "memory");
    y[i - 64] = b[i - 64] + 1;
  }
}
extern "C" __global__ void segmented(const float* x, float* y) {
  // A warp's scan, with __syncwarp between its steps in shared memory.
  __shared__ float s[64];
  const int i = threadIdx.x, lane = i & 31;
  s[i] = x[i];
  __syncwarp();
  for (int d = 1; d < 32; d <<= 1) {
    const float v = lane >= d ? s[i - d] : 0;
    __syncwarp();
    s[i] += v;
    __syncwarp();
  }
  y[i] = s[i];
}
extern "C" __global__ void several(const float* x, float* y, int n, int m) {
  // One dynamic array in two parts.
  extern __shared__ float lent[];
  float* first = lent;
  int* second = (int*)(lent + n);
  if (threadIdx.x < n) first[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x < m) second[threadIdx.x] = threadIdx.x * 3;
  __syncthreads();
  y[threadIdx.x] = first[threadIdx.x % n] + second[threadIdx.x % m];
}

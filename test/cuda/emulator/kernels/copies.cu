// cp.async: a row of tiles that are copied while the one before is at work.
__device__ unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }
#if __CUDA_ARCH__ >= 800
template <int bytes> __device__ void copy(void* to, const void* from) {
  if (bytes == 16) asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
  else asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(shared_address(to)), "l"(from), "n"(bytes) : "memory");
}
__device__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int left> __device__ void await() { asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory"); }
extern "C" __global__ void pipeline(const float4* x, float* y, int tiles) {
  __shared__ float4 tile[2][32];
  copy<16>(&tile[0][threadIdx.x], x + threadIdx.x);
  commit();
  float sum = 0;
  for (int t = 0; t < tiles; t++) {
    if (t + 1 < tiles) copy<16>(&tile[(t + 1) & 1][threadIdx.x], x + (t + 1) * 32 + threadIdx.x);
    commit();
    await<1>();
    __syncthreads();
    const float4 v = tile[t & 1][31 - threadIdx.x];
    sum += v.x + v.y + v.z + v.w;
    __syncthreads();
  }
  y[threadIdx.x] = sum;
}
extern "C" __global__ void narrow(const float* x, const float2* z, float* y, int n) {
  __shared__ float a[32];
  __shared__ float2 b[32];
  copy<4>(a + threadIdx.x, x + threadIdx.x);
  // Beyond the end nothing is read, and zeros are written.
  const int bytes = threadIdx.x < n ? 8 : 0;
  asm volatile("cp.async.ca.shared.global.L2::128B [%0], [%1], 8, %2;" ::"r"(shared_address(b + threadIdx.x)), "l"(z + threadIdx.x), "r"(bytes) : "memory");
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncthreads();
  y[threadIdx.x] = a[threadIdx.x ^ 1] + b[threadIdx.x].x + b[threadIdx.x].y;
}
extern "C" __global__ void early(const float* x, float* y) {
  __shared__ float a[32];
  copy<4>(a + threadIdx.x, x + threadIdx.x);
  commit();
  y[threadIdx.x] = a[threadIdx.x];  // uninitialised
  await<0>();
}
extern "C" __global__ void unmet(const float* x, float* y) {
  __shared__ float a[32];
  copy<4>(a + threadIdx.x, x + threadIdx.x);
  commit();
  await<0>();
  y[threadIdx.x] = a[threadIdx.x ^ 1];  // shared-race
}
#endif

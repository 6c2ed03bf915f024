// One planted fault a kernel. Tests find the line by its comment.
extern "C" __global__ void beyond(const float* x, float* y, int n) {
  const int i = threadIdx.x;
  y[i] = x[i + n]; // out-of-bounds
}
extern "C" __global__ void crooked(const float* x, float4* y) {
  const float* shifted = x + 1;
  y[threadIdx.x] = *(const float4*)(shifted + 4 * threadIdx.x); // misaligned
}
extern "C" __global__ void unread(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x] * 2.0f; // uninitialised
}
extern "C" __global__ void racing(const float* x, float* y) {
  __shared__ float row[64];
  row[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = row[63 - threadIdx.x]; // shared-race
}
extern "C" __global__ void skipping(const float* x, float* y, int n) {
  __shared__ float row[64];
  row[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x < n) __syncthreads();
  y[threadIdx.x] = row[threadIdx.x];
  __syncthreads(); // barrier-divergence
}
extern "C" __global__ void shuffling(const float* x, float* y, int n, unsigned mask) {
  float v = x[threadIdx.x];
  if (threadIdx.x < n)
    v += __shfl_down_sync(mask, v, 1); // shuffle-mask
  y[threadIdx.x] = v;
}
extern "C" __global__ void forgetting(const float* x, float* y, int n) {
  if (threadIdx.x < n) y[threadIdx.x] = x[threadIdx.x];
}
extern "C" __global__ void repeating(const float* x, float* y, int n) {
  y[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x == n) y[0] = 1.0f; // double-write
}
extern "C" __global__ void endless(volatile int* x) {
  while (x[0] == 0) {}
}

// One kernel of each shape that pooling takes: a gather, vectors, a shared tile, shuffles, half storage, atomics, tables.
extern "C" __global__ void max3x3(const float* __restrict__ x, float* __restrict__ y, int* __restrict__ at, int planes, int H, int W) {
  const int Ho = (H - 1) / 2 + 1, Wo = (W - 1) / 2 + 1;
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= planes * Ho * Wo) return;
  const int ow = n % Wo, oh = n / Wo % Ho, p = n / (Wo * Ho);
  float best = __int_as_float(0xff800000);
  int where = -1;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      const int ih = oh * 2 - 1 + i, iw = ow * 2 - 1 + j;
      if (ih < 0 || ih >= H || iw < 0 || iw >= W) continue;
      const float v = x[(p * H + ih) * W + iw];
      if (v > best || v != v || where < 0) { best = v; where = ih * W + iw; }
    }
  y[n] = best;
  at[n] = where;
}

extern "C" __global__ void scale4(const float4* x, float4* y, float a, long long n) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) { float4 v = x[i]; v.x = fmaf(v.x, a, 1.0f); v.y = v.y / a; v.z = sqrtf(v.z); v.w = expf(v.w); y[i] = v; }
}

extern "C" __global__ void tile(const float* x, float* y, int n) {
  __shared__ float row[130];
  const int i = blockIdx.x * 128 + threadIdx.x;
  row[threadIdx.x + 1] = i < n ? x[i] : 0.0f;
  if (threadIdx.x == 0) row[0] = i > 0 ? x[i - 1] : 0.0f;
  if (threadIdx.x == 127) row[129] = i + 1 < n ? x[i + 1] : 0.0f;
  __syncthreads();
  if (i < n) y[i] = row[threadIdx.x] + row[threadIdx.x + 1] + row[threadIdx.x + 2];
}

extern "C" __global__ void plane_mean(const float* x, float* y, int n) {
  extern __shared__ float parts[];
  float sum = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) sum += x[blockIdx.x * n + i];
  for (int d = 16; d > 0; d >>= 1) sum += __shfl_down_sync(0xffffffffu, sum, d);
  if ((threadIdx.x & 31) == 0) parts[threadIdx.x >> 5] = sum;
  __syncthreads();
  if (threadIdx.x < 32) {
    sum = threadIdx.x < (blockDim.x >> 5) ? parts[threadIdx.x] : 0;
    for (int d = 16; d > 0; d >>= 1) sum += __shfl_xor_sync(0xffffffffu, sum, d);
    if (threadIdx.x == 0) y[blockIdx.x] = sum / n;
  }
}

__device__ float widen(unsigned short h) { float f; asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(h)); return f; }
__device__ unsigned short narrow(float f) { unsigned short h; asm("{ .reg .b16 t; cvt.rn.f16.f32 t, %1; mov.b16 %0, t; }" : "=h"(h) : "f"(f)); return h; }
extern "C" __global__ void half_square(const unsigned short* x, unsigned short* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) { const float v = widen(x[i]); y[i] = narrow(v * v); }
}

__device__ unsigned int total;
__constant__ int weights[5] = {1, -2, 3, -4, 5};
extern "C" __global__ void histogram(const int* x, int* bins, float* sums, int n) {
  __shared__ int local[16];
  if (threadIdx.x < 16) local[threadIdx.x] = 0;
  __syncthreads();
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) { atomicAdd(&local[x[i] & 15], weights[i % 5]); atomicInc(&total, 0xffffffffu); atomicAdd(&sums[0], 0.5f); atomicMax(&bins[16], x[i]); }
  __syncthreads();
  if (threadIdx.x < 16) atomicAdd(&bins[threadIdx.x], local[threadIdx.x]);
}
extern "C" __global__ void read_total(unsigned int* y) { y[0] = total; }

extern "C" __global__ void ballots(const int* x, unsigned int* y) {
  const bool even = (x[threadIdx.x] & 1) == 0;
  const unsigned int all = __ballot_sync(0xffffffffu, even);
  const int any = __any_sync(0xffffffffu, x[threadIdx.x] == 7), every = __all_sync(0xffffffffu, even);
  const int count = __syncthreads_count(even);
  y[threadIdx.x] = all ^ (any ? 0x10000u : 0u) ^ (every ? 0x20000u : 0u) ^ ((unsigned)count << 20);
}

extern "C" __global__ void local_sort(const float* x, float* y, int k) {
  float v[9];
  for (int i = 0; i < 9; i++) v[i] = x[threadIdx.x * 9 + i];
#pragma unroll 1
  for (int i = 1; i < 9; i++) {
#pragma unroll 1
    for (int j = i; j > 0; j--) if (v[j - 1] > v[j]) { float t = v[j]; v[j] = v[j - 1]; v[j - 1] = t; }
  }
  y[threadIdx.x] = v[k];
}

extern "C" __global__ void doubles(const double* x, double* y, unsigned long long n) {
  const unsigned long long i = blockIdx.x * (unsigned long long)blockDim.x + threadIdx.x;
  if (i < n) y[i] = fma(x[i], x[(i + 1) % n], sqrt(fabs(x[i]))) / (1.0 + exp(-x[i]));
}
extern "C" __global__ void noise(const float* x, float* y, unsigned int seed, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned int a = i, b = seed, k = seed;
  for (int r = 0; r < 10; r++) { const unsigned int h = __umulhi(0xD2511F53u, a), l = 0xD2511F53u * a; a = h ^ b ^ k; b = l; k += 0x9E3779B9u; }
  const float u1 = ((a >> 8) + 1) * 5.9604644775390625e-8f, u2 = (b >> 8) * 5.9604644775390625e-8f;
  y[i] = x[i] + sqrtf(-2.0f * logf(u1)) * cosf(6.2831853f * u2);
}

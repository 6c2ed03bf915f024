// Atomics of each type on shared and on global memory, and what orders memory.
extern "C" __global__ void sums(const int* x, int* i, unsigned long long* l, float* f, double* d, int n) {
  __shared__ int si[4];
  __shared__ float sf[2];
  if (threadIdx.x < 4) si[threadIdx.x] = threadIdx.x == 2 ? 0x7fffffff : 0;
  if (threadIdx.x < 2) sf[threadIdx.x] = 0;
  __syncthreads();
  for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < n; k += gridDim.x * blockDim.x) {
    const int v = x[k];
    atomicAdd(i, v); atomicMin(i + 1, v); atomicMax(i + 2, v); atomicSub(i + 3, v);
    atomicAnd(i + 4, v | 0xff); atomicOr(i + 5, v); atomicXor(i + 6, v);
    atomicAdd(l, (unsigned long long)v); atomicMax(l + 1, (unsigned long long)v << 20);
    atomicAdd(f, v * 0.5f); atomicAdd(d, v * 0.25);
    atomicAdd(si, v); atomicMax(si + 1, v); atomicMin(si + 2, v); atomicAdd(si + 3, 1);
    atomicAdd(sf, v * 0.5f); atomicExch(sf + 1, 3.0f);
  }
  __threadfence();
  __syncthreads();
  if (threadIdx.x < 4) atomicAdd(i + 7 + threadIdx.x, si[threadIdx.x]);
  if (threadIdx.x < 2) atomicAdd(f + 1 + threadIdx.x, sf[threadIdx.x]);
  __threadfence_system();
}
// The maximum of floats by compare and swap, as people write it.
extern "C" __global__ void maxima(const float* x, float* y, unsigned* count, unsigned short* half, int n) {
  for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < n; k += gridDim.x * blockDim.x) {
    int* at = (int*)y;
    int old = *at;
    while (x[k] > __int_as_float(old)) {
      const int assumed = old;
      old = atomicCAS(at, assumed, __float_as_int(x[k]));
      if (old == assumed) break;
    }
    atomicInc(count, 9);
    atomicDec(count + 1, 20);
    unsigned short seen, now = *(volatile unsigned short*)half;
    do {
      seen = now;
      now = atomicCAS(half, seen, (unsigned short)(seen + 1));
    } while (now != seen);
  }
}
// The last block sums up, as reductions in two stages do.
__device__ unsigned int finished;
extern "C" __global__ void last_block(const float* x, float* parts, float* y, int n) {
  __shared__ float s[64];
  __shared__ bool last;
  float sum = 0;
  for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < n; k += gridDim.x * blockDim.x) sum += x[k];
  s[threadIdx.x] = sum;
  for (int d = 32; d > 0; d >>= 1) {
    __syncthreads();
    if (threadIdx.x < d) s[threadIdx.x] += s[threadIdx.x + d];
  }
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = s[0];
    __threadfence();
    last = atomicAdd(&finished, 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    float total = 0;
    for (int b = 0; b < gridDim.x; b++) total += ((volatile float*)parts)[b];
    y[0] = total;
    finished = 0;
  }
}

/** Small kernels that make a compiler show what it can do: parameters of all widths, shared memory, local arrays, spills. */

export const copy =
  'extern "C" __global__ void copy(const float* x, float* y, int n) {\n  if (threadIdx.x < n) y[threadIdx.x] = x[threadIdx.x];\n}\n'

export const mixed = `
extern "C" __global__ void __launch_bounds__(128) parameters(char a, short b, double c, float d, const float* e) {
  ((double*)e)[threadIdx.x] = a + b + c + d;
}
extern "C" __global__ void staged(const float* x, float* y) {
  __shared__ float tile[640];
  tile[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = tile[(threadIdx.x * 7) % 640];
}
extern "C" __global__ void dynamic(const float* x, float* y) {
  extern __shared__ float lent[];
  lent[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = lent[threadIdx.x ^ 1];
}
extern "C" __global__ void local(const int* at, float* y) {
  float mine[40];
  for (int i = 0; i < 40; i++) mine[i] = i * y[i];
  float sum = 0;
  for (int i = 0; i < 40; i++) sum += mine[at[i]];
  y[threadIdx.x] = sqrtf(sum) / (1.0f + sum);
}
extern "C" __global__ void __launch_bounds__(256, 8) crowded(const float* x, float* y) {
  float held[64];
  #pragma unroll
  for (int i = 0; i < 64; i++) held[i] = x[threadIdx.x + 256 * i];
  float mean = 0;
  #pragma unroll
  for (int i = 0; i < 64; i++) mean += held[i] / 64;
  float spread = 0;
  #pragma unroll
  for (int i = 0; i < 64; i++) spread += (held[i] - mean) * (held[i] - mean);
  y[threadIdx.x] = spread;
}
`

/** A text whose brackets nest so deep, which the front end reads by recursion. */
export const nested = (depth: number): string =>
  `extern "C" __global__ void nested(float* x) { x[0] = ${'('.repeat(depth)}x[1]${')'.repeat(depth)}; }\n`

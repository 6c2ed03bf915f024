// The mathematical functions that NVRTC writes out: tables, slow paths with local arrays, functions that are called.
extern "C" __global__ void singles(const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float v = x[i], u = fabsf(v) + 1e-3f;
  float* to = y + 16 * i;
  to[0] = expf(v); to[1] = logf(u); to[2] = log1pf(u); to[3] = expm1f(v);
  to[4] = powf(u, 1.7f); to[5] = tanhf(v); to[6] = sinf(v); to[7] = cosf(v);
  to[8] = sinf(v * 1e6f); to[9] = cosf(v * 3e8f); to[10] = atan2f(v, u); to[11] = erff(v);
  to[12] = sqrtf(u) / u; to[13] = rsqrtf(u); to[14] = log2f(u) + exp2f(v); to[15] = fmodf(v, 3.0f) + cbrtf(v);
}
extern "C" __global__ void doubles(const double* x, double* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double v = x[i], u = fabs(v) + 1e-3;
  double* to = y + 16 * i;
  to[0] = exp(v); to[1] = log(u); to[2] = log1p(u); to[3] = expm1(v);
  to[4] = pow(u, 1.7); to[5] = tanh(v); to[6] = sin(v); to[7] = cos(v);
  to[8] = sin(v * 1e6); to[9] = cos(v * 3e14); to[10] = atan2(v, u); to[11] = erf(v);
  to[12] = sqrt(u) / u; to[13] = rsqrt(u); to[14] = log2(u) + exp2(v); to[15] = fmod(v, 3.0) + cbrt(v);
}
extern "C" __global__ void fast(const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float v = x[i], u = fabsf(v) + 1e-3f;
  float* to = y + 8 * i;
  to[0] = __expf(v); to[1] = __logf(u); to[2] = __powf(u, 1.7f); to[3] = __sinf(v);
  to[4] = __cosf(v); to[5] = __fdividef(v, u); to[6] = __frsqrt_rn(u); to[7] = __fmaf_rn(v, u, __fadd_rz(v, u)) + __saturatef(v);
}
extern "C" __global__ void roundings(const float* x, const double* d, float* y, double* z, int* r, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float v = x[i];
  float* to = y + 8 * i;
  to[0] = floorf(v); to[1] = ceilf(v); to[2] = rintf(v); to[3] = truncf(v); to[4] = roundf(v);
  to[5] = __fadd_rd(v, 0.1f) - __fmul_ru(v, 0.1f); to[6] = copysignf(1.5f, v); to[7] = (float)d[i];
  z[4 * i] = floor(d[i]); z[4 * i + 1] = __dadd_ru(d[i], 0.1); z[4 * i + 2] = (double)v; z[4 * i + 3] = round(d[i]);
  r[4 * i] = __float2int_rn(v); r[4 * i + 1] = (int)d[i]; r[4 * i + 2] = (int)(long long)v; r[4 * i + 3] = (int)(unsigned long long)fabs(d[i]);
}

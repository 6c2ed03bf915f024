// Halves by inline PTX: what the headers would give, without them.
typedef unsigned short half_t;
typedef unsigned int half2_t;
__device__ float widen(half_t h) { float f; asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(h)); return f; }
__device__ half_t narrow(float f) { half_t h; asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(f)); return h; }
extern "C" __global__ void scalars(const half_t* x, const half_t* z, half_t* y) {
  const int i = threadIdx.x;
  half_t* to = y + 6 * i;
  const float a = widen(x[i]), b = widen(z[i]);
  to[0] = narrow(a * b);
  half_t s, p, f, c;
  asm("add.f16 %0, %1, %2;" : "=h"(s) : "h"(x[i]), "h"(z[i]));
  asm("mul.rn.f16 %0, %1, %2;" : "=h"(p) : "h"(x[i]), "h"(z[i]));
  asm("fma.rn.f16 %0, %1, %2, %1;" : "=h"(f) : "h"(x[i]), "h"(z[i]));
  asm("{ .reg .f32 t; cvt.f32.f16 t, %1; neg.f32 t, t; cvt.rz.f16.f32 %0, t; }" : "=h"(c) : "h"(x[i]));
  to[1] = s; to[2] = p; to[3] = f; to[4] = c;
  asm("{ .reg .pred p; setp.gt.f16 p, %1, %2; selp.b16 %0, %1, %2, p; }" : "=h"(to[5]) : "h"(x[i]), "h"(z[i]));
}
extern "C" __global__ void pairs(const half2_t* x, const half2_t* z, half2_t* y) {
  const int i = threadIdx.x;
  half2_t* to = y + 4 * i;
  asm("add.f16x2 %0, %1, %2;" : "=r"(to[0]) : "r"(x[i]), "r"(z[i]));
  asm("mul.f16x2 %0, %1, %2;" : "=r"(to[1]) : "r"(x[i]), "r"(z[i]));
  asm("fma.rn.f16x2 %0, %1, %2, %2;" : "=r"(to[2]) : "r"(x[i]), "r"(z[i]));
  asm("neg.f16x2 %0, %1;" : "=r"(to[3]) : "r"(x[i]));
}
#if __CUDA_ARCH__ >= 800
__device__ half_t narrow_b(float f) { half_t h; asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(h) : "f"(f)); return h; }
extern "C" __global__ void extrema(const half2_t* x, const half2_t* z, half2_t* y) {
  const int i = threadIdx.x;
  half2_t* to = y + 10 * i;
  asm("max.f16x2 %0, %1, %2;" : "=r"(to[0]) : "r"(x[i]), "r"(z[i]));
  asm("min.f16x2 %0, %1, %2;" : "=r"(to[1]) : "r"(x[i]), "r"(z[i]));
  asm("max.NaN.f16x2 %0, %1, %2;" : "=r"(to[2]) : "r"(x[i]), "r"(z[i]));
  asm("min.NaN.f16x2 %0, %1, %2;" : "=r"(to[3]) : "r"(x[i]), "r"(z[i]));
  asm("max.bf16x2 %0, %1, %2;" : "=r"(to[4]) : "r"(x[i]), "r"(z[i]));
  asm("min.NaN.bf16x2 %0, %1, %2;" : "=r"(to[5]) : "r"(x[i]), "r"(z[i]));
  half_t m;
  asm("max.NaN.f16 %0, %1, %2;" : "=h"(m) : "h"((half_t)x[i]), "h"((half_t)z[i]));
  to[6] = m;
  asm("max.NaN.bf16 %0, %1, %2;" : "=h"(m) : "h"((half_t)x[i]), "h"((half_t)z[i]));
  to[7] = m;
  asm("fma.rn.bf16x2 %0, %1, %2, %2;" : "=r"(to[8]) : "r"(x[i]), "r"(z[i]));
  const float lower = __uint_as_float(x[i] << 16), upper = __uint_as_float(z[i] & 0xffff0000u);
  to[9] = narrow_b(lower * upper) | ((half2_t)narrow_b(lower + upper) << 16);
}
extern "C" __global__ void floats(const float* x, const float* z, float* y, half2_t* h) {
  const int i = threadIdx.x;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(y[4 * i]) : "f"(x[i]), "f"(z[i]));
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(y[4 * i + 1]) : "f"(x[i]), "f"(z[i]));
  y[4 * i + 2] = fmaxf(x[i], z[i]);
  y[4 * i + 3] = fminf(x[i], z[i]);
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(h[4 * i]) : "f"(x[i]), "f"(z[i]));
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(h[4 * i + 1]) : "f"(x[i]), "f"(z[i]));
  asm("cvt.rz.bf16x2.f32 %0, %1, %2;" : "=r"(h[4 * i + 2]) : "f"(x[i]), "f"(z[i]));
  asm("cvt.rn.relu.f16x2.f32 %0, %1, %2;" : "=r"(h[4 * i + 3]) : "f"(x[i]), "f"(z[i]));
}
#endif

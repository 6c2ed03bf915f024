// avg: mean(x)
// window 3x3, stride 2, padding 1 (counted: divisor 9); float16, channels-first
// schedule: {"phases":"carried","saved":[],"unroll":"all","outputsPerThread":[1,4],"border":"predicated","vector":4,"packed":"none","staging":"none","sums":"warps","threads":256,"minBlocks":2,"lanes":1,"extents":"dynamic"}
/** A float16 by its bits, in float32; and back, to the nearest, ties to even. */
static __device__ float widen(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
static __device__ unsigned short narrow(float value) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
/** windows written out */
extern "C" __global__ void __launch_bounds__(256, 2) avgForward(unsigned short* __restrict__ y, const unsigned short* __restrict__ x, int samples, int channels, int height, int width, int outHeight, int outWidth) {
  const unsigned cell = blockIdx.x * 256u + threadIdx.x;
  const int lines = outHeight;
  const int columns = (outWidth + 3) / 4;
  if (cell >= (unsigned)(samples * channels * lines * columns)) return;
  const int ow = (int)(cell % columns) * 4;
  const unsigned rest1 = cell / columns;
  const int oh = (int)(rest1 % lines);
  const int plane = rest1 / lines;
  const int ih = oh * 2 - 1;
  const int iw = ow * 2 - 1;
  const int row0 = (plane * height + ih) * width + iw;
  const int row1 = (plane * height + ih + 1) * width + iw;
  const int row2 = (plane * height + ih + 2) * width + iw;
  const int out0 = (plane * outHeight + oh) * outWidth + ow;
  const bool inH = (unsigned)ih < (unsigned)height;
  const bool inW = (unsigned)iw < (unsigned)width;
  const float x00 = inH && inW ? widen(x[row0]) : 0.0f;
  const bool inH1 = ih + 1 < height;
  const float x10 = inH1 && inW ? widen(x[row1]) : 0.0f;
  const bool inH2 = ih + 2 < height;
  const float x20 = inH2 && inW ? widen(x[row2]) : 0.0f;
  const bool inW1 = iw + 1 < width;
  const ushort4 x01v = inH && inW1 ? *(const ushort4*)(x + (row0 + 1)) : make_ushort4(0.0f, 0.0f, 0.0f, 0.0f);
  const ushort4 x11v = inH1 && inW1 ? *(const ushort4*)(x + (row1 + 1)) : make_ushort4(0.0f, 0.0f, 0.0f, 0.0f);
  const ushort4 x21v = inH2 && inW1 ? *(const ushort4*)(x + (row2 + 1)) : make_ushort4(0.0f, 0.0f, 0.0f, 0.0f);
  const float column = widen(x01v.y) + widen(x11v.y) + widen(x21v.y);
  // mean(x)
  const float sum = x00 + x10 + x20 + (widen(x01v.x) + widen(x11v.x) + widen(x21v.x)) + column;
  const float column_2 = widen(x01v.w) + widen(x11v.w) + widen(x21v.w);
  const float sum01 = column + (widen(x01v.z) + widen(x11v.z) + widen(x21v.z)) + column_2;
  const bool inW5 = iw + 5 < width;
  const ushort4 x05v = inH && inW5 ? *(const ushort4*)(x + (row0 + 5)) : make_ushort4(0.0f, 0.0f, 0.0f, 0.0f);
  const ushort4 x15v = inH1 && inW5 ? *(const ushort4*)(x + (row1 + 5)) : make_ushort4(0.0f, 0.0f, 0.0f, 0.0f);
  const ushort4 x25v = inH2 && inW5 ? *(const ushort4*)(x + (row2 + 5)) : make_ushort4(0.0f, 0.0f, 0.0f, 0.0f);
  const float column_3 = widen(x05v.y) + widen(x15v.y) + widen(x25v.y);
  const float sum02 = column_2 + (widen(x05v.x) + widen(x15v.x) + widen(x25v.x)) + column_3;
  const float sum03 = column_3 + (widen(x05v.z) + widen(x15v.z) + widen(x25v.z)) + (widen(x05v.w) + widen(x15v.w) + widen(x25v.w));
  *(ushort4*)(y + out0) = make_ushort4(narrow(sum / 9), narrow(sum01 / 9), narrow(sum02 / 9), narrow(sum03 / 9));
}

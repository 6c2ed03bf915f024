// max: y = max(x); indices = flatIndex(argmax(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"all","outputsPerThread":[1,4],"border":"predicated","vector":4,"packed":"none","staging":"none","sums":"warps","threads":256,"minBlocks":2,"lanes":1,"extents":"dynamic"}
/** windows written out */
extern "C" __global__ void __launch_bounds__(256, 2) maxForward(float* __restrict__ y, const float* __restrict__ x, int* __restrict__ indices, int samples, int channels, int height, int width, int outHeight, int outWidth) {
  const unsigned cell = blockIdx.x * 256u + threadIdx.x;
  const int lines = outHeight;
  const int columns = (outWidth + 3) / 4;
  if (cell >= (unsigned)(samples * channels * lines * columns)) return;
  const int ow = (int)(cell % columns) * 4;
  const unsigned rest1 = cell / columns;
  const int oh = (int)(rest1 % lines);
  const int plane = rest1 / lines;
  const int ih = oh * 2;
  const int iw = ow * 2;
  const int row0 = (plane * height + ih) * width + iw;
  const int row1 = (plane * height + ih + 1) * width + iw;
  const int out0 = (plane * outHeight + oh) * outWidth + ow;
  const float4 x00v = *(const float4*)(x + row0);
  const float x00 = x00v.x;
  const float x01 = x00v.y;
  const bool later = x01 > x00 || x01 != x01;
  const float best = later ? x01 : x00;
  const float4 x10v = *(const float4*)(x + row1);
  const float x10 = x10v.x;
  const bool later_2 = x10 > best || x10 != x10;
  const float best_2 = later_2 ? x10 : best;
  const float x11 = x10v.y;
  const bool later_3 = x11 > best_2 || x11 != x11;
  // max(x)
  const float best_3 = later_3 ? x11 : best_2;
  const float x02 = x00v.z;
  const float x03 = x00v.w;
  const bool later_4 = x03 > x02 || x03 != x03;
  const float best_4 = later_4 ? x03 : x02;
  const float x12 = x10v.z;
  const bool later_5 = x12 > best_4 || x12 != x12;
  const float best_5 = later_5 ? x12 : best_4;
  const float x13 = x10v.w;
  const bool later_6 = x13 > best_5 || x13 != x13;
  const float best_6 = later_6 ? x13 : best_5;
  const float4 x04v = *(const float4*)(x + (row0 + 4));
  const float x04 = x04v.x;
  const float x05 = x04v.y;
  const bool later_7 = x05 > x04 || x05 != x05;
  const float best_7 = later_7 ? x05 : x04;
  const float4 x14v = *(const float4*)(x + (row1 + 4));
  const float x14 = x14v.x;
  const bool later_8 = x14 > best_7 || x14 != x14;
  const float best_8 = later_8 ? x14 : best_7;
  const float x15 = x14v.y;
  const bool later_9 = x15 > best_8 || x15 != x15;
  const float best_9 = later_9 ? x15 : best_8;
  const float x06 = x04v.z;
  const float x07 = x04v.w;
  const bool later_10 = x07 > x06 || x07 != x07;
  const float best_10 = later_10 ? x07 : x06;
  const float x16 = x14v.z;
  const bool later_11 = x16 > best_10 || x16 != x16;
  const float best_11 = later_11 ? x16 : best_10;
  const float x17 = x14v.w;
  const bool later_12 = x17 > best_11 || x17 != x17;
  const float best_12 = later_12 ? x17 : best_11;
  *(float4*)(y + out0) = make_float4(best_3, best_6, best_9, best_12);
  *(int4*)(indices + out0) = make_int4(later_3 ? (ih + 1) * width + iw + 1 : later_2 ? (ih + 1) * width + iw : later ? ih * width + iw + 1 : ih * width + iw, later_6 ? (ih + 1) * width + iw + 3 : later_5 ? (ih + 1) * width + iw + 2 : later_4 ? ih * width + iw + 3 : ih * width + iw + 2, later_9 ? (ih + 1) * width + iw + 5 : later_8 ? (ih + 1) * width + iw + 4 : later_7 ? ih * width + iw + 5 : ih * width + iw + 4, later_12 ? (ih + 1) * width + iw + 7 : later_11 ? (ih + 1) * width + iw + 6 : later_10 ? ih * width + iw + 7 : ih * width + iw + 6);
}

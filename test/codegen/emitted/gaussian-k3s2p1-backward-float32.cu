// gaussian: the gradient of mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"carried","saved":[],"unroll":"all","outputsPerThread":[1,1],"border":"predicated","vector":2,"packed":"none","staging":"none","sums":"warps","threads":256,"minBlocks":2,"lanes":1,"extents":"dynamic"}
/** The larger of two; NaN if either is. */
static __device__ float maximum(float a, float b) {
  #if __CUDA_ARCH__ >= 800
  float best;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(best) : "f"(a), "f"(b));
  return best;
  #else
  return a > b || a != a ? a : b;
  #endif
}
/** Of the lanes that share a window each has a part; all get the sum. */
template <int lanes, typename T> static __device__ T sumOfLanes(T part) {
  #pragma unroll
  for (int step = lanes / 2; step > 0; step /= 2) part += __shfl_xor_sync(0xffffffffu, part, step);
  return part;
}
/** The threads of a block share a window: each warp puts down its part, and every thread takes all up in the same order. */
template <int threads, typename T> static __device__ T sumOfBlock(T part) {
  __shared__ T parts[threads / 32];
  part = sumOfLanes<32>(part);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = part;
  __syncthreads();
  part = parts[0];
  #pragma unroll
  for (int warp = 1; warp < threads / 32; warp++) part += parts[warp];
  __syncthreads();
  return part;
}
/** what elements will read of each window, and the terms of what is summed */
extern "C" __global__ void __launch_bounds__(256, 2) gaussianBackwardWindows(const float* __restrict__ yGrad, const float* __restrict__ x, float* __restrict__ chosens, const float* __restrict__ weight, float* __restrict__ means, float* __restrict__ shares, float* __restrict__ weightSumTerms, int samples, int channels, int height, int width, int outHeight, int outWidth) {
  const unsigned cell = blockIdx.x * 256u + threadIdx.x;
  const int lines = outHeight;
  const int columns = outWidth;
  const int cells = lines * columns;
  const int rounded = (cells + 31) / 32 * 32;
  if (cell >= (unsigned)samples * channels * rounded) return;
  const int plane = cell / rounded;
  const int place = cell % rounded;
  const bool live = place < cells;
  const int own = min(place, cells - 1);
  const int ow = own % columns;
  const int rest1 = own / columns;
  const int oh = rest1;
  const int c = (int)(plane % channels);
  const int ih = oh * 2 - 1;
  const int iw = ow * 2 - 1;
  const int out0 = (plane * outHeight + oh) * outWidth + ow;
  const int row0 = (plane * height + ih) * width + iw;
  const int row1 = (plane * height + ih + 1) * width + iw;
  const int row2 = (plane * height + ih + 2) * width + iw;
  float weightSumPart = 0;
  const float dy = yGrad[out0];
  const bool inH = (unsigned)ih < (unsigned)height;
  const bool inW = (unsigned)iw < (unsigned)width;
  const bool in00 = inH && inW;
  const float x00 = in00 ? x[row0] : 0.0f;
  const bool inH1 = ih + 1 < height;
  const bool in10 = inH1 && inW;
  const float x10 = in10 ? x[row1] : 0.0f;
  const bool inH2 = ih + 2 < height;
  const bool in20 = inH2 && inW;
  const float x20 = in20 ? x[row2] : 0.0f;
  const bool inW1 = iw + 1 < width;
  const bool in01 = inH && inW1;
  const float2 x01v = in01 ? *(const float2*)(x + (row0 + 1)) : make_float2(0.0f, 0.0f);
  const float x01 = x01v.x;
  const bool in11 = inH1 && inW1;
  const float2 x11v = in11 ? *(const float2*)(x + (row1 + 1)) : make_float2(0.0f, 0.0f);
  const float x11 = x11v.x;
  const bool in21 = inH2 && inW1;
  const float2 x21v = in21 ? *(const float2*)(x + (row2 + 1)) : make_float2(0.0f, 0.0f);
  const float x21 = x21v.x;
  const float x02 = x01v.y;
  const float x12 = x11v.y;
  const float x22 = x21v.y;
  // mean(x)
  const float sum = x00 + x10 + x20 + (x01 + x11 + x21) + (x02 + x12 + x22);
  const float mean = sum / 9;
  const float d00 = x00 - mean;
  const float d10 = x10 - mean;
  const float d20 = x20 - mean;
  const float d01 = x01 - mean;
  const float d11 = x11 - mean;
  const float d21 = x21 - mean;
  const bool inW2 = iw + 2 < width;
  const float d02 = x02 - mean;
  const float d12 = x12 - mean;
  const float d22 = x22 - mean;
  const float sum_2 = (in00 ? d00 * d00 : 0.0f) + (in10 ? d10 * d10 : 0.0f) + (in20 ? d20 * d20 : 0.0f) + ((in01 ? d01 * d01 : 0.0f) + (in11 ? d11 * d11 : 0.0f) + (in21 ? d21 * d21 : 0.0f)) + ((inH && inW2 ? d02 * d02 : 0.0f) + (inH1 && inW2 ? d12 * d12 : 0.0f) + (inH2 && inW2 ? d22 * d22 : 0.0f));
  const float variance = (sum_2 + (9 - (min(height - ih, 3) - max(-ih, 0)) * (min(width - iw, 3) - max(-iw, 0))) * (mean * mean)) / 9;
  const float root = sqrtf(maximum(variance, 0.000001f));
  weightSumPart = dy * root;
  const float weight_c = weight[c];
  const float chosen = variance < 0.000001f ? 0.0f : dy * weight_c / root / 9;
  if (live) chosens[out0] = chosen;
  if (live) means[out0] = mean;
  const float share = dy / 9;
  if (live) shares[out0] = share;
  weightSumPart = sumOfLanes<32>(live ? weightSumPart : 0);
  if (threadIdx.x % 32 == 0) {
    weightSumTerms[cell / 32] = weightSumPart;
  }
}
/** each element gathers from the windows that cover it */
extern "C" __global__ void __launch_bounds__(256, 2) gaussianBackwardElements(float* __restrict__ xGrad, const float* __restrict__ chosens, const float* __restrict__ x, const float* __restrict__ means, const float* __restrict__ shares, int samples, int channels, int height, int width, int outHeight, int outWidth) {
  const unsigned cell = blockIdx.x * 256u + threadIdx.x;
  const int lines = (height + 2) / 2;
  const int columns = (width + 2) / 2;
  if (cell >= (unsigned)(samples * channels * lines * columns)) return;
  const int ow = (int)(cell % columns);
  const unsigned rest1 = cell / columns;
  const int oh = (int)(rest1 % lines);
  const int plane = rest1 / lines;
  const int ih = oh * 2 - 1;
  const int iw = ow * 2 - 1;
  const int out0 = (plane * outHeight + oh) * outWidth + ow;
  const int row0 = (plane * height + ih) * width + iw;
  const int outm1 = (plane * outHeight + oh - 1) * outWidth + ow;
  const int row1 = (plane * height + ih + 1) * width + iw;
  const bool inH = (unsigned)ih < (unsigned)height;
  const bool inW = (unsigned)iw < (unsigned)width;
  const bool in00 = inH && inW;
  const bool existsHm1 = (unsigned)(oh - 1) < (unsigned)outHeight;
  const bool existsWm1 = (unsigned)(ow - 1) < (unsigned)outWidth;
  const bool existsm1_m1 = existsHm1 && existsWm1;
  const float chosenm1_m1 = existsm1_m1 ? chosens[outm1 - 1] : 0.0f;
  const float x00 = in00 ? x[row0] : 0.0f;
  // mean(x)
  const float meanm1_m1 = existsm1_m1 ? means[outm1 - 1] : 0.0f;
  const float sharem1_m1 = existsm1_m1 ? shares[outm1 - 1] : 0.0f;
  const bool existsW = ow < outWidth;
  const bool existsm1_0 = existsHm1 && existsW;
  const float chosenm1_0 = existsm1_0 ? chosens[outm1] : 0.0f;
  const float meanm1_0 = existsm1_0 ? means[outm1] : 0.0f;
  const float sharem1_0 = existsm1_0 ? shares[outm1] : 0.0f;
  const bool existsH = oh < outHeight;
  const bool exists0_m1 = existsH && existsWm1;
  const float chosen0_m1 = exists0_m1 ? chosens[out0 - 1] : 0.0f;
  const float mean0_m1 = exists0_m1 ? means[out0 - 1] : 0.0f;
  const float share0_m1 = exists0_m1 ? shares[out0 - 1] : 0.0f;
  const bool exists00 = existsH && existsW;
  const float chosen = exists00 ? chosens[out0] : 0.0f;
  const float mean = exists00 ? means[out0] : 0.0f;
  const float share = exists00 ? shares[out0] : 0.0f;
  if (in00) xGrad[row0] = (existsm1_m1 ? chosenm1_m1 * (x00 - meanm1_m1) + sharem1_m1 : 0.0f) + (existsm1_0 ? chosenm1_0 * (x00 - meanm1_0) + sharem1_0 : 0.0f) + (exists0_m1 ? chosen0_m1 * (x00 - mean0_m1) + share0_m1 : 0.0f) + (exists00 ? chosen * (x00 - mean) + share : 0.0f);
  const bool inW1 = iw + 1 < width;
  const bool in01 = inH && inW1;
  const float x01 = in01 ? x[row0 + 1] : 0.0f;
  if (in01) xGrad[row0 + 1] = (existsm1_0 ? chosenm1_0 * (x01 - meanm1_0) + sharem1_0 : 0.0f) + (exists00 ? chosen * (x01 - mean) + share : 0.0f);
  const bool inH1 = ih + 1 < height;
  const bool in10 = inH1 && inW;
  const float x10 = in10 ? x[row1] : 0.0f;
  if (in10) xGrad[row1] = (exists0_m1 ? chosen0_m1 * (x10 - mean0_m1) + share0_m1 : 0.0f) + (exists00 ? chosen * (x10 - mean) + share : 0.0f);
  const bool in11 = inH1 && inW1;
  const float x11 = in11 ? x[row1 + 1] : 0.0f;
  if (in11) xGrad[row1 + 1] = exists00 ? chosen * (x11 - mean) + share : 0.0f;
}
/** the terms of each plane, summed by a block */
extern "C" __global__ void __launch_bounds__(64, 2) gaussianBackwardWeightSumTotal(const float* __restrict__ weightSumTerms, float* __restrict__ weightSum, int samples, int channels, int outHeight, int outWidth) {
  const int warps = ((outHeight) * (outWidth) + 31) / 32;
  const unsigned item = blockIdx.x;
  if (item >= (unsigned)samples * channels) return;
  const int c = (int)(item % channels);
  const unsigned rest1 = item / channels;
  const int n = (int)rest1;
  float total = 0;
  for (int p = threadIdx.x; p < warps; p += 64) {
    total += weightSumTerms[((int)n * channels + c) * warps + p];
  }
  total = sumOfBlock<64>(total);
  if (threadIdx.x == 0) weightSum[blockIdx.x] = total;
}
/** sums over parameters */
extern "C" __global__ void __launch_bounds__(64, 2) gaussianBackwardWeightGrad(float* __restrict__ weightGrad, const float* __restrict__ weightSum, int samples, int channels) {
  const unsigned item = blockIdx.x * 64u + threadIdx.x;
  if (item >= (unsigned)channels) return;
  const int c = (int)item;
  float total = 0;
  for (int n = 0; n < samples; n++) {
    const int plane = (int)n * channels + c;
    const float weightSum_2 = weightSum[plane];
    total += weightSum_2;
  }
  weightGrad[item] = total;
}

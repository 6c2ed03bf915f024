// avg: mean(x)
// one window over everything; float32, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"none","outputsPerThread":[1,1],"border":"predicated","vector":1,"packed":"none","staging":"none","sums":"terms","threads":256,"minBlocks":2,"lanes":32,"extents":"dynamic"}
/** Of the lanes that share a window each has a part; all get the sum. */
template <int lanes, typename T> static __device__ T sumOfLanes(T part) {
  #pragma unroll
  for (int step = lanes / 2; step > 0; step /= 2) part += __shfl_xor_sync(0xffffffffu, part, step);
  return part;
}
/** windows by loops over their taps */
extern "C" __global__ void __launch_bounds__(256, 2) avgForward(const float* __restrict__ x, float* __restrict__ y, int samples, int channels, int height, int width) {
  const int points = height * width;
  const unsigned item = (blockIdx.x * 256u + threadIdx.x) / 32;
  const unsigned cells = (unsigned)(samples * channels);
  const bool live = item < cells;
  const unsigned cell = item < cells ? item : cells - 1;
  const int plane = (int)cell;
  const int lane = threadIdx.x % 32;
  const int outAt = plane;
  // mean(x)
  float sum = 0;
  {
    const int rowAt = plane * points;
    for (int t = lane; t < points; t += 32) {
      const float x_2 = x[rowAt + t];
      sum += x_2;
    }
  }
  sum = sumOfLanes<32>(sum);
  if (live && lane == 0) {
    y[outAt] = sum / points;
  }
}

// Clocks, waiting, special registers.
extern "C" __global__ void times(unsigned* y, long long* z) {
  const unsigned c = clock();
  const long long l = clock64();
  unsigned long long t;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(t));
  __nanosleep(100);
  unsigned lane, warp, mask;
  asm("mov.u32 %0, %laneid;" : "=r"(lane));
  asm("mov.u32 %0, %warpid;" : "=r"(warp));
  asm("mov.u32 %0, %lanemask_lt;" : "=r"(mask));
  unsigned* to = y + 6 * threadIdx.x;
  to[0] = lane; to[1] = warp; to[2] = mask; to[3] = warpSize; to[4] = clock() > c; to[5] = blockDim.x * gridDim.x;
  z[threadIdx.x] = clock64() - l + (long long)(t != 0);
}

// Loads and stores of every width, through every path that caches have.
extern "C" __global__ void vectors(const float4* a, const float2* b, const double2* c, const ushort4* d, const uint4* e,
                                   float4* ya, float2* yb, double2* yc, ushort4* yd, uint4* ye, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float4 va = a[i]; va.x += va.w; ya[i] = va;
  float2 vb = b[i]; vb.y *= vb.x; yb[i] = vb;
  double2 vc = c[i]; vc.x -= vc.y; yc[i] = vc;
  ushort4 vd = d[i]; vd.x ^= vd.y; vd.z += 7; yd[i] = vd;
  uint4 ve = e[i]; ve.w += ve.x * ve.y; ye[i] = ve;
}

extern "C" __global__ void cached(const float* __restrict__ x, const uint2* __restrict__ z, float* y, unsigned* w, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float once, first, last, streamed, tail;
  asm("ld.global.nc.L1::no_allocate.f32 %0, [%1];" : "=f"(once) : "l"(x + i));
  asm("ld.global.L1::evict_first.f32 %0, [%1];" : "=f"(first) : "l"(x + i + 1));
  asm("ld.global.nc.L1::evict_last.f32 %0, [%1+8];" : "=f"(last) : "l"(x + i));
  asm volatile("ld.volatile.global.f32 %0, [%1];" : "=f"(streamed) : "l"(x + i));
  asm("ld.global.cs.f32 %0, [%1];" : "=f"(tail) : "l"(x + i));
  const uint2 pair = __ldg(z + i);
  const float v = __ldg(x + i) + once + 2.0f * first + 4.0f * last + streamed + tail;
  asm volatile("st.global.cs.f32 [%0], %1;" ::"l"(y + i), "f"(v));
  asm volatile("st.global.wt.u32 [%0], %1;" ::"l"(w + i), "r"(pair.x - pair.y));
  asm volatile("prefetch.global.L2 [%0];" ::"l"(x));
}

// Bytes, signed and not, in structs that are passed by value.
struct Geometry { int height, width; float scale; short shift; unsigned char flags[6]; double bias; };
extern "C" __global__ void geometry(const signed char* x, const unsigned char* u, double* y, Geometry g, int pick) {
  const int i = threadIdx.x;
  y[i] = x[i] * (double)g.scale + u[i] * g.shift + g.flags[(i + pick) % 6] + g.bias + g.height * g.width;
}
// A struct that is read by its address, since threads take different fields.
extern "C" __global__ void by_address(const __grid_constant__ Geometry g, int* y) {
  const Geometry* at = &g;
  y[threadIdx.x] = at->flags[threadIdx.x % 6] + at->width;
}
extern "C" __global__ void fill(unsigned char* bytes, short* shorts, long long* longs, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    bytes[i] = i * 3;
    shorts[i] = -i;
    longs[i] = (long long)i << 33;
  }
}

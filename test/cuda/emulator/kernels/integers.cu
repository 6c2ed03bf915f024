// Integer arithmetic that has instructions of its own, and that which is made of several.
extern "C" __global__ void wide(const unsigned long long* x, const unsigned long long* z, unsigned long long* y) {
  const int i = threadIdx.x;
  const unsigned long long a = x[i], b = z[i];
  const long long s = (long long)a, t = (long long)b;
  unsigned long long* to = y + 10 * i;
  to[0] = a * b;
  to[1] = a / b;
  to[2] = a % b;
  to[3] = s / t;
  to[4] = s % t;
  to[5] = __umul64hi(a, b);
  to[6] = __mul64hi(s, t);
  to[7] = __umulhi((unsigned)a, (unsigned)b) + ((unsigned long long)__mulhi((int)a, (int)b) << 32);
  to[8] = (a << (b & 63)) ^ (a >> (b & 63)) ^ (s >> (b & 63));
  to[9] = (unsigned long long)min(s, t) + max(a, b);
}
extern "C" __global__ void carries(const unsigned* x, const unsigned* z, unsigned* y) {
  const unsigned* a = x + 4 * threadIdx.x;
  const unsigned* b = z + 4 * threadIdx.x;
  unsigned* to = y + 16 * threadIdx.x;
  asm("{ .reg .u32 p0, p1, p2; add.cc.u32 p0, %4, %8; addc.cc.u32 p1, %5, %9; addc.cc.u32 p2, %6, %10; addc.u32 %3, %7, %11;"
      "mov.u32 %0, p0; mov.u32 %1, p1; mov.u32 %2, p2; }"
      : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]));
  asm("{ .reg .u32 p0, p1, p2; sub.cc.u32 p0, %4, %8; subc.cc.u32 p1, %5, %9; subc.cc.u32 p2, %6, %10; subc.u32 %3, %7, %11;"
      "mov.u32 %0, p0; mov.u32 %1, p1; mov.u32 %2, p2; }"
      : "=r"(to[4]), "=r"(to[5]), "=r"(to[6]), "=r"(to[7])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]));
  // A product of 64 by 64 bits; the registers within are apart from the operands.
  asm("{ .reg .u32 p0, p1, p2, p3;"
      "mul.lo.u32 p0, %4, %6; mul.hi.u32 p1, %4, %6; mad.lo.cc.u32 p1, %4, %7, p1; madc.hi.u32 p2, %4, %7, 0;"
      "mad.lo.cc.u32 p1, %5, %6, p1; madc.hi.cc.u32 p2, %5, %6, p2; addc.u32 p3, 0, 0;"
      "mad.lo.cc.u32 p2, %5, %7, p2; madc.hi.u32 p3, %5, %7, p3;"
      "mov.u32 %0, p0; mov.u32 %1, p1; mov.u32 %2, p2; mov.u32 %3, p3; }"
      : "=r"(to[8]), "=r"(to[9]), "=r"(to[10]), "=r"(to[11])
      : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]));
  unsigned long long s, t;
  asm("{ .reg .u64 s; add.cc.u64 s, %2, %3; addc.u64 %1, 0, 0; mov.u64 %0, s; }" : "=l"(s), "=l"(t) : "l"(((unsigned long long)a[1] << 32) | a[0]), "l"(((unsigned long long)b[1] << 32) | b[0]));
  to[12] = (unsigned)s; to[13] = (unsigned)(s >> 32); to[14] = (unsigned)t; to[15] = 0;
}
extern "C" __global__ void bits(const unsigned* x, const unsigned* z, unsigned* y) {
  const int i = threadIdx.x;
  const unsigned a = x[i], b = z[i];
  unsigned* to = y + 24 * i;
  const unsigned long long l = ((unsigned long long)a << 32) | b;
  to[0] = __clz(a); to[1] = __popc(a); to[2] = __ffs(a); to[3] = __brev(a);
  to[4] = __clzll(l); to[5] = __popcll(l); to[6] = __ffsll(l);
  const unsigned long long r = __brevll(l);
  to[7] = (unsigned)r ^ (unsigned)(r >> 32);
  to[8] = __byte_perm(a, b, 0x6420); to[9] = __byte_perm(a, b, b);
  to[10] = __funnelshift_l(a, b, b & 31); to[11] = __funnelshift_rc(a, b, b & 63);
  asm("dp4a.s32.s32 %0, %1, %2, 100;" : "=r"(to[12]) : "r"(a), "r"(b));
  asm("dp4a.u32.u32 %0, %1, %2, 100;" : "=r"(to[13]) : "r"(a), "r"(b));
  asm("dp2a.lo.s32.s32 %0, %1, %2, 5;" : "=r"(to[14]) : "r"(a), "r"(b));
  asm("dp2a.hi.u32.u32 %0, %1, %2, 5;" : "=r"(to[15]) : "r"(a), "r"(b));
  to[16] = (a & b) ^ (~a | (b >> 3)); to[17] = (a >> 5) & 0x3ff;
  to[18] = __sad((int)a, (int)b, 7u); to[19] = __usad(a, b, 9u);
  to[20] = __mul24((int)a, (int)b); to[21] = __umul24(a, b);
  unsigned f, g;
  asm("bfe.s32 %0, %1, 7, 9;" : "=r"(f) : "r"(a));
  asm("bfi.b32 %0, %1, %2, 5, 11;" : "=r"(g) : "r"(a), "r"(b));
  to[22] = f; to[23] = g;
  asm("lop3.b32 %0, %1, %2, %0, 0x6a;" : "+r"(to[16]) : "r"(a), "r"(b));
}
extern "C" __global__ void choices(const int* x, int* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  int v = x[i];
  switch (v & 15) {
    case 0: v = v * 3; break;
    case 1: v = v / 7; break;
    case 2: v = v % 9; break;
    case 3: v = v ^ (v << 3); break;
    case 4: v = -v; break;
    case 5: v = v > 100 ? y[n + 1] : 5; break;
    case 6: v = ~v; break;
    case 7: v = v * v; break;
    case 8: v = __clz(v); break;
    case 9: v = v >> 2; break;
    case 11: v += 1000; break;
    default: v = 42;
  }
  y[i] = v;
}

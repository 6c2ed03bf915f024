// avg: mean(x)
// window 2x2, stride 2; float16, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"all","outputsPerThread":[1,1],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
// windows written out
struct Numbers {
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read_write> y: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
// A float16 by its bits, in float32; and back, to the nearest, ties to even. The language's own may round as they like, and
// take numbers near 0, infinities and NaN for what they are not.
fn widen(bits: u32) -> f32 {
  let size = bits & 0x7fffu;
  let small = bitcast<u32>(f32(size) * 5.9604644775390625e-8);
  let large = (size << 13u) + select(0x38000000u, 0x70000000u, size >= 0x7c00u);
  return bitcast<f32>(((bits & 0x8000u) << 16u) | select(large, small, size < 0x0400u));
}
fn narrow(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let sign = (bits >> 16u) & 0x8000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return sign | 0x7e00u; }
  if (size >= 0x47800000u) { return sign | 0x7c00u; }
  if (size >= 0x38800000u) { return sign | ((size + 0x0fffu + ((size >> 13u) & 1u) - 0x38000000u) >> 13u); }
  // Below the normal numbers: whole steps of 2^-24.
  let shift = 126u - (size >> 23u);
  if (shift > 24u) { return sign; }
  let fraction = (size & 0x007fffffu) | 0x00800000u;
  let steps = fraction >> shift;
  let rest = fraction & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  return sign | (steps + select(0u, 1u, rest > half || (rest == half && (steps & 1u) == 1u)));
}
fn write_y(at: i32, value: f32) {
  let shift = u32(at & 1) * 16u;
  atomicAnd(&y[at >> 1u], ~(0xffffu << shift));
  atomicOr(&y[at >> 1u], narrow(value) << shift);
}
fn read_x(at: i32) -> f32 {
  return widen((x[at >> 1u] >> (u32(at & 1) * 16u)) & 0xffffu);
}
@compute @workgroup_size(64)
fn avgForward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
  let block = i32(group.y * groups.x + group.x);
  let thread = i32(invocation.x);
  let samples = numbers.samples;
  let channels = numbers.channels;
  let height = numbers.height;
  let width = numbers.width;
  let outHeight = numbers.outHeight;
  let outWidth = numbers.outWidth;
  let cell: i32 = block * 64 + thread;
  let lines: i32 = outHeight;
  let columns: i32 = outWidth;
  if (cell >= (samples * channels * lines * columns)) { return; }
  let ow: i32 = cell % columns;
  let rest1: i32 = cell / columns;
  let oh: i32 = rest1 % lines;
  let plane: i32 = rest1 / lines;
  let ih: i32 = oh * 2;
  let iw: i32 = ow * 2;
  let row0: i32 = (plane * height + ih) * width + iw;
  let row1: i32 = (plane * height + ih + 1) * width + iw;
  let out0: i32 = (plane * outHeight + oh) * outWidth + ow;
  let x00: f32 = read_x(row0);
  let x10: f32 = read_x(row1);
  let x01: f32 = read_x(row0 + 1);
  let x11: f32 = read_x(row1 + 1);
  // mean(x)
  let sum: f32 = x00 + x10 + (x01 + x11);
  write_y(out0, sum / 4.0);
}

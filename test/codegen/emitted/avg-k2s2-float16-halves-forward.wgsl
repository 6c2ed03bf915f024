// avg: mean(x)
// window 2x2, stride 2; float16, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"all","outputsPerThread":[1,4],"border":"predicated","vector":4,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
// windows written out
enable f16;
struct Numbers {
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f16>>;
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
// An element of memory, and its bits.
fn widenHalf(half: f16) -> f32 {
  return widen(bitcast<u32>(vec2<f16>(half, 0.0h)));
}
fn narrowHalf(value: f32) -> f16 {
  return bitcast<vec2<f16>>(narrow(value)).x;
}
fn write4_y(at: i32, value: vec4<f32>) {
  y[at >> 2u] = vec4<f16>(narrowHalf(value.x), narrowHalf(value.y), narrowHalf(value.z), narrowHalf(value.w));
}
fn read4_x(at: i32) -> vec4<f32> {
  return vec4<f32>(widenHalf(x[at >> 2u].x), widenHalf(x[at >> 2u].y), widenHalf(x[at >> 2u].z), widenHalf(x[at >> 2u].w));
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
  let columns: i32 = (outWidth + 3) / 4;
  if (cell >= (samples * channels * lines * columns)) { return; }
  let ow: i32 = (cell % columns) * 4;
  let rest1: i32 = cell / columns;
  let oh: i32 = rest1 % lines;
  let plane: i32 = rest1 / lines;
  let ih: i32 = oh * 2;
  let iw: i32 = ow * 2;
  let row0: i32 = (plane * height + ih) * width + iw;
  let row1: i32 = (plane * height + ih + 1) * width + iw;
  let out0: i32 = (plane * outHeight + oh) * outWidth + ow;
  let x00v: vec4<f32> = read4_x(row0);
  let x10v: vec4<f32> = read4_x(row1);
  // mean(x)
  let sum: f32 = x00v.x + x10v.x + (x00v.y + x10v.y);
  let sum01: f32 = x00v.z + x10v.z + (x00v.w + x10v.w);
  let x04v: vec4<f32> = read4_x(row0 + 4);
  let x14v: vec4<f32> = read4_x(row1 + 4);
  let sum02: f32 = x04v.x + x14v.x + (x04v.y + x14v.y);
  let sum03: f32 = x04v.z + x14v.z + (x04v.w + x14v.w);
  write4_y(out0, vec4<f32>(sum / 4.0, sum01 / 4.0, sum02 / 4.0, sum03 / 4.0));
}

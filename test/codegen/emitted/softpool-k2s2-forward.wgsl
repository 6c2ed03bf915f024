// softpool: sum(x * exp(x)) / sum(exp(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"all","outputsPerThread":[1,2],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
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
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
// Compilers may assume that no float is infinite or NaN, and refuse constants that are: these come from memory.
var<private> infinityBits: u32 = 0x7f800000u;
var<private> notANumberBits: u32 = 0x7fc00000u;
fn infinity() -> f32 {
  return bitcast<f32>(infinityBits);
}
fn notANumber() -> f32 {
  return bitcast<f32>(notANumberBits);
}
// By the bits: a comparison of floats with themselves may be taken for granted.
fn isNaN(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}
// The larger of two; NaN if either is.
fn maximum(a: f32, b: f32) -> f32 {
  return select(b, a, isNaN(a) || (!isNaN(b) && a > b));
}
// exp to a unit in the last place, by Cephes' polynomial: the language's own may be off by many.
fn exponential(x: f32) -> f32 {
  let n = round(clamp(x, -150.0, 130.0) * 1.44269504);
  let r = (clamp(x, -150.0, 130.0) - n * 0.693359375) + n * 2.12194440e-4;
  let p = ((((1.9875691500e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r + 1.6666665459e-1) * r + 5.0000001201e-1;
  let y = p * (r * r) + r + 1.0;
  // 2^n by two factors, of which each is a normal number.
  let half = i32(n) >> 1u;
  let rest = i32(n) - half;
  let scaled = y * bitcast<f32>(u32(half + 127) << 23u) * bitcast<f32>(u32(rest + 127) << 23u);
  if (isNaN(x)) { return x; }
  return select(select(scaled, 0.0, x < -104.0), infinity(), x > 88.72283935546875);
}
@compute @workgroup_size(64)
fn softpoolForward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
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
  let columns: i32 = (outWidth + 1) / 2;
  if (cell >= (samples * channels * lines * columns)) { return; }
  let ow: i32 = (cell % columns) * 2;
  let rest1: i32 = cell / columns;
  let oh: i32 = rest1 % lines;
  let plane: i32 = rest1 / lines;
  let ih: i32 = oh * 2;
  let iw: i32 = ow * 2;
  let row0: i32 = (plane * height + ih) * width + iw;
  let row1: i32 = (plane * height + ih + 1) * width + iw;
  let out0: i32 = (plane * outHeight + oh) * outWidth + ow;
  let x00: f32 = x[row0];
  let x10: f32 = x[row1];
  let x01: f32 = x[row0 + 1];
  let x11: f32 = x[row1 + 1];
  let max_2: f32 = maximum(maximum(x00, x10), maximum(x01, x11));
  let greatest: f32 = select(0.0, max_2, abs(max_2) < infinity());
  let exp00: f32 = exponential(x00 - greatest);
  let exp10: f32 = exponential(x10 - greatest);
  let exp01: f32 = exponential(x01 - greatest);
  let exp11: f32 = exponential(x11 - greatest);
  // sum(x * exp(x))
  let sum: f32 = x00 * exp00 + x10 * exp10 + (x01 * exp01 + x11 * exp11);
  // sum(exp(x))
  let sum_2: f32 = exp00 + exp10 + (exp01 + exp11);
  y[out0] = sum / sum_2;
  let existsW1: bool = ow + 1 < outWidth;
  let x02: f32 = select(0.0, x[row0 + 2], existsW1);
  let x12: f32 = select(0.0, x[row1 + 2], existsW1);
  let x03: f32 = select(0.0, x[row0 + 3], existsW1);
  let x13: f32 = select(0.0, x[row1 + 3], existsW1);
  let max_3: f32 = maximum(maximum(x02, x12), maximum(x03, x13));
  let greatest01: f32 = select(0.0, max_3, abs(max_3) < infinity());
  let exp00_01: f32 = exponential(x02 - greatest01);
  let exp10_01: f32 = exponential(x12 - greatest01);
  let exp01_01: f32 = exponential(x03 - greatest01);
  let exp11_01: f32 = exponential(x13 - greatest01);
  let sum01: f32 = x02 * exp00_01 + x12 * exp10_01 + (x03 * exp01_01 + x13 * exp11_01);
  let sum01_2: f32 = exp00_01 + exp10_01 + (exp01_01 + exp11_01);
  if (existsW1) { y[out0 + 1] = sum01 / sum01_2; }
}

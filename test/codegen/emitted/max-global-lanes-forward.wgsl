// max: y = max(x); indices = flatIndex(argmax(x))
// one window over everything; float32, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"none","outputsPerThread":[1],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":8,"extents":"dynamic"}
// windows by loops over their taps
struct Numbers {
  samples: i32,
  channels: i32,
  width: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> indices: array<i32>;
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
// Whether a value takes the place of the best so far: the first of equals, the last NaN.
fn above(value: f32, best: f32) -> bool {
  return isNaN(value) || (!isNaN(best) && value > best);
}
var<workgroup> tapParts: array<i32, 64>;
var<workgroup> parts: array<f32, 64>;
// Whether another's winner wins: the first of equals, the last NaN; who had no tap has -1.
fn winsOfFloats(isBeyond: bool, other: f32, otherTap: i32, best: f32, tap: i32) -> bool {
  if (isNaN(other)) { return !isNaN(best) || otherTap > tap; }
  return !isNaN(best) && (isBeyond || (other == best && u32(otherTap) < u32(tap)));
}
// The largest of what the invocations have that share a window, with its tap.
fn largestPlaceOfFloats(best: ptr<function, f32>, tap: ptr<function, i32>, thread: i32, lanes: i32) {
  parts[thread] = *best;
  tapParts[thread] = *tap;
  for (var step = lanes / 2; step > 0; step /= 2) {
    workgroupBarrier();
    if (thread % lanes < step) {
      let other = parts[thread + step];
      let otherTap = tapParts[thread + step];
      if (winsOfFloats(other > parts[thread], other, otherTap, parts[thread], tapParts[thread])) {
        parts[thread] = other;
        tapParts[thread] = otherTap;
      }
    }
  }
  workgroupBarrier();
  *best = parts[thread - thread % lanes];
  *tap = tapParts[thread - thread % lanes];
  workgroupBarrier();
}
@compute @workgroup_size(64)
fn maxForward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
  let block = i32(group.y * groups.x + group.x);
  let thread = i32(invocation.x);
  let samples = numbers.samples;
  let channels = numbers.channels;
  let width = numbers.width;
  let points: i32 = width;
  let item: i32 = (block * 64 + thread) / 8;
  let cells: i32 = samples * channels;
  let live: bool = item < cells;
  let cell: i32 = select(cells - 1, item, item < cells);
  let plane: i32 = cell;
  let lane: i32 = thread % 8;
  let outAt: i32 = plane;
  // max(x)
  // argmax(x)
  var max_2: f32 = -infinity(); var tap: i32 = -1;
  {
    let rowAt: i32 = plane * points;
    for (var t = lane; t < points; t += 8) {
      let x_2: f32 = x[rowAt + t];
      if (above(x_2, max_2) || tap < 0) { max_2 = x_2; tap = t; }
    }
  }
  largestPlaceOfFloats(&max_2, &tap, thread, 8);
  if (live && lane == 0) {
    y[outAt] = max_2;
    indices[outAt] = tap;
  }
}

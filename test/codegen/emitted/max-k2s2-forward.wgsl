// max: y = max(x); indices = flatIndex(argmax(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"all","outputsPerThread":[1,4],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
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
@compute @workgroup_size(64)
fn maxForward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
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
  let x00: f32 = x[row0];
  let x01: f32 = x[row0 + 1];
  let later: bool = above(x01, x00);
  let best: f32 = select(x00, x01, later);
  let x10: f32 = x[row1];
  let later_2: bool = above(x10, best);
  let best_2: f32 = select(best, x10, later_2);
  let x11: f32 = x[row1 + 1];
  let later_3: bool = above(x11, best_2);
  // max(x)
  let best_3: f32 = select(best_2, x11, later_3);
  y[out0] = best_3;
  indices[out0] = select(select(select(ih * width + iw, ih * width + iw + 1, later), (ih + 1) * width + iw, later_2), (ih + 1) * width + iw + 1, later_3);
  let existsW1: bool = ow + 1 < outWidth;
  let x02: f32 = select(-infinity(), x[row0 + 2], existsW1);
  let x03: f32 = select(-infinity(), x[row0 + 3], existsW1);
  let later_4: bool = above(x03, x02);
  let best_4: f32 = select(x02, x03, later_4);
  let x12: f32 = select(-infinity(), x[row1 + 2], existsW1);
  let later_5: bool = above(x12, best_4);
  let best_5: f32 = select(best_4, x12, later_5);
  let x13: f32 = select(-infinity(), x[row1 + 3], existsW1);
  let later_6: bool = above(x13, best_5);
  let best_6: f32 = select(best_5, x13, later_6);
  if (existsW1) { y[out0 + 1] = best_6; }
  if (existsW1) { indices[out0 + 1] = select(select(select(ih * width + iw + 2, ih * width + iw + 3, later_4), (ih + 1) * width + iw + 2, later_5), (ih + 1) * width + iw + 3, later_6); }
  let existsW2: bool = ow + 2 < outWidth;
  let x04: f32 = select(-infinity(), x[row0 + 4], existsW2);
  let x05: f32 = select(-infinity(), x[row0 + 5], existsW2);
  let later_7: bool = above(x05, x04);
  let best_7: f32 = select(x04, x05, later_7);
  let x14: f32 = select(-infinity(), x[row1 + 4], existsW2);
  let later_8: bool = above(x14, best_7);
  let best_8: f32 = select(best_7, x14, later_8);
  let x15: f32 = select(-infinity(), x[row1 + 5], existsW2);
  let later_9: bool = above(x15, best_8);
  let best_9: f32 = select(best_8, x15, later_9);
  if (existsW2) { y[out0 + 2] = best_9; }
  if (existsW2) { indices[out0 + 2] = select(select(select(ih * width + iw + 4, ih * width + iw + 5, later_7), (ih + 1) * width + iw + 4, later_8), (ih + 1) * width + iw + 5, later_9); }
  let existsW3: bool = ow + 3 < outWidth;
  let x06: f32 = select(-infinity(), x[row0 + 6], existsW3);
  let x07: f32 = select(-infinity(), x[row0 + 7], existsW3);
  let later_10: bool = above(x07, x06);
  let best_10: f32 = select(x06, x07, later_10);
  let x16: f32 = select(-infinity(), x[row1 + 6], existsW3);
  let later_11: bool = above(x16, best_10);
  let best_11: f32 = select(best_10, x16, later_11);
  let x17: f32 = select(-infinity(), x[row1 + 7], existsW3);
  let later_12: bool = above(x17, best_11);
  let best_12: f32 = select(best_11, x17, later_12);
  if (existsW3) { y[out0 + 3] = best_12; }
  if (existsW3) { indices[out0 + 3] = select(select(select(ih * width + iw + 6, ih * width + iw + 7, later_10), (ih + 1) * width + iw + 6, later_11), (ih + 1) * width + iw + 7, later_12); }
}

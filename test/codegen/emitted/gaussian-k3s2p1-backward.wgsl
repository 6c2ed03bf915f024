// gaussian: the gradient of mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"carried","saved":[],"unroll":"all","outputsPerThread":[1,1],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
// what elements will read of each window, and the terms of what is summed
struct Numbers {
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read_write> weightSumTerms: array<f32>;
@group(0) @binding(2) var<storage, read> yGrad: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> chosens: array<f32>;
@group(0) @binding(5) var<storage, read> weight: array<f32>;
@group(0) @binding(6) var<storage, read_write> means: array<f32>;
@group(0) @binding(7) var<storage, read_write> shares: array<f32>;
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
// The square root; NaN below 0, where the language promises nothing.
fn root(x: f32) -> f32 {
  if (isNaN(x) || x < 0.0) { return notANumber(); }
  return select(sqrt(x), x, x == 0.0 || bitcast<u32>(x) == 0x7f800000u);
}
@compute @workgroup_size(64)
fn gaussianBackwardWindows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
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
  let c: i32 = plane % channels;
  let ih: i32 = oh * 2 - 1;
  let iw: i32 = ow * 2 - 1;
  let out0: i32 = (plane * outHeight + oh) * outWidth + ow;
  let row0: i32 = (plane * height + ih) * width + iw;
  let row1: i32 = (plane * height + ih + 1) * width + iw;
  let row2: i32 = (plane * height + ih + 2) * width + iw;
  let dy: f32 = yGrad[out0];
  let inH: bool = u32(ih) < u32(height);
  let inW: bool = u32(iw) < u32(width);
  let in00: bool = inH && inW;
  let x00: f32 = select(0.0, x[row0], in00);
  let inH1: bool = ih + 1 < height;
  let in10: bool = inH1 && inW;
  let x10: f32 = select(0.0, x[row1], in10);
  let inH2: bool = ih + 2 < height;
  let in20: bool = inH2 && inW;
  let x20: f32 = select(0.0, x[row2], in20);
  let inW1: bool = iw + 1 < width;
  let in01: bool = inH && inW1;
  let x01: f32 = select(0.0, x[row0 + 1], in01);
  let in11: bool = inH1 && inW1;
  let x11: f32 = select(0.0, x[row1 + 1], in11);
  let in21: bool = inH2 && inW1;
  let x21: f32 = select(0.0, x[row2 + 1], in21);
  let inW2: bool = iw + 2 < width;
  let in02: bool = inH && inW2;
  let x02: f32 = select(0.0, x[row0 + 2], in02);
  let in12: bool = inH1 && inW2;
  let x12: f32 = select(0.0, x[row1 + 2], in12);
  let in22: bool = inH2 && inW2;
  let x22: f32 = select(0.0, x[row2 + 2], in22);
  // mean(x)
  let sum: f32 = x00 + x10 + x20 + (x01 + x11 + x21) + (x02 + x12 + x22);
  let mean: f32 = sum / 9.0;
  let d00: f32 = x00 - mean;
  let d10: f32 = x10 - mean;
  let d20: f32 = x20 - mean;
  let d01: f32 = x01 - mean;
  let d11: f32 = x11 - mean;
  let d21: f32 = x21 - mean;
  let d02: f32 = x02 - mean;
  let d12: f32 = x12 - mean;
  let d22: f32 = x22 - mean;
  let sum_2: f32 = select(0.0, d00 * d00, in00) + select(0.0, d10 * d10, in10) + select(0.0, d20 * d20, in20) + (select(0.0, d01 * d01, in01) + select(0.0, d11 * d11, in11) + select(0.0, d21 * d21, in21)) + (select(0.0, d02 * d02, in02) + select(0.0, d12 * d12, in12) + select(0.0, d22 * d22, in22));
  let variance: f32 = (sum_2 + f32(9 - (min(height - ih, 3) - max(-ih, 0)) * (min(width - iw, 3) - max(-iw, 0))) * (mean * mean)) / 9.0;
  let root_2: f32 = root(maximum(variance, 0.000001));
  weightSumTerms[out0] = dy * root_2;
  let weight_c: f32 = weight[c];
  let chosen: f32 = select(dy * weight_c / root_2 / 9.0, 0.0, variance < 0.000001);
  chosens[out0] = chosen;
  means[out0] = mean;
  let share: f32 = dy / 9.0;
  shares[out0] = share;
}

// gaussian: the gradient of mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"carried","saved":[],"unroll":"all","outputsPerThread":[1,1],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
// each element gathers from the windows that cover it
struct Numbers {
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read_write> xGrad: array<f32>;
@group(0) @binding(2) var<storage, read> chosens: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> means: array<f32>;
@group(0) @binding(5) var<storage, read> shares: array<f32>;
@compute @workgroup_size(64)
fn gaussianBackwardElements(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
  let block = i32(group.y * groups.x + group.x);
  let thread = i32(invocation.x);
  let samples = numbers.samples;
  let channels = numbers.channels;
  let height = numbers.height;
  let width = numbers.width;
  let outHeight = numbers.outHeight;
  let outWidth = numbers.outWidth;
  let cell: i32 = block * 64 + thread;
  let lines: i32 = (height + 2) / 2;
  let columns: i32 = (width + 2) / 2;
  if (cell >= (samples * channels * lines * columns)) { return; }
  let ow: i32 = cell % columns;
  let rest1: i32 = cell / columns;
  let oh: i32 = rest1 % lines;
  let plane: i32 = rest1 / lines;
  let ih: i32 = oh * 2 - 1;
  let iw: i32 = ow * 2 - 1;
  let out0: i32 = (plane * outHeight + oh) * outWidth + ow;
  let row0: i32 = (plane * height + ih) * width + iw;
  let outm1: i32 = (plane * outHeight + oh - 1) * outWidth + ow;
  let row1: i32 = (plane * height + ih + 1) * width + iw;
  let inH: bool = u32(ih) < u32(height);
  let inW: bool = u32(iw) < u32(width);
  let in00: bool = inH && inW;
  let existsHm1: bool = u32(oh - 1) < u32(outHeight);
  let existsWm1: bool = u32(ow - 1) < u32(outWidth);
  let existsm1_m1: bool = existsHm1 && existsWm1;
  let chosenm1_m1: f32 = select(0.0, chosens[outm1 - 1], existsm1_m1);
  let x00: f32 = select(0.0, x[row0], in00);
  // mean(x)
  let meanm1_m1: f32 = select(0.0, means[outm1 - 1], existsm1_m1);
  let sharem1_m1: f32 = select(0.0, shares[outm1 - 1], existsm1_m1);
  let existsW: bool = ow < outWidth;
  let existsm1_0: bool = existsHm1 && existsW;
  let chosenm1_0: f32 = select(0.0, chosens[outm1], existsm1_0);
  let meanm1_0: f32 = select(0.0, means[outm1], existsm1_0);
  let sharem1_0: f32 = select(0.0, shares[outm1], existsm1_0);
  let existsH: bool = oh < outHeight;
  let exists0_m1: bool = existsH && existsWm1;
  let chosen0_m1: f32 = select(0.0, chosens[out0 - 1], exists0_m1);
  let mean0_m1: f32 = select(0.0, means[out0 - 1], exists0_m1);
  let share0_m1: f32 = select(0.0, shares[out0 - 1], exists0_m1);
  let exists00: bool = existsH && existsW;
  let chosen: f32 = select(0.0, chosens[out0], exists00);
  let mean: f32 = select(0.0, means[out0], exists00);
  let share: f32 = select(0.0, shares[out0], exists00);
  if (in00) { xGrad[row0] = select(0.0, chosenm1_m1 * (x00 - meanm1_m1) + sharem1_m1, existsm1_m1) + select(0.0, chosenm1_0 * (x00 - meanm1_0) + sharem1_0, existsm1_0) + select(0.0, chosen0_m1 * (x00 - mean0_m1) + share0_m1, exists0_m1) + select(0.0, chosen * (x00 - mean) + share, exists00); }
  let inW1: bool = iw + 1 < width;
  let in01: bool = inH && inW1;
  let x01: f32 = select(0.0, x[row0 + 1], in01);
  if (in01) { xGrad[row0 + 1] = select(0.0, chosenm1_0 * (x01 - meanm1_0) + sharem1_0, existsm1_0) + select(0.0, chosen * (x01 - mean) + share, exists00); }
  let inH1: bool = ih + 1 < height;
  let in10: bool = inH1 && inW;
  let x10: f32 = select(0.0, x[row1], in10);
  if (in10) { xGrad[row1] = select(0.0, chosen0_m1 * (x10 - mean0_m1) + share0_m1, exists0_m1) + select(0.0, chosen * (x10 - mean) + share, exists00); }
  let in11: bool = inH1 && inW1;
  let x11: f32 = select(0.0, x[row1 + 1], in11);
  if (in11) { xGrad[row1 + 1] = select(0.0, chosen * (x11 - mean) + share, exists00); }
}

// gaussian: the gradient of mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"carried","saved":[],"unroll":"all","outputsPerThread":[1,1],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
// the terms of each plane, summed by a block
struct Numbers {
  samples: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read> weightSumTerms: array<f32>;
@group(0) @binding(2) var<storage, read_write> weightSum: array<f32>;
var<workgroup> parts: array<f32, 64>;
// Of so many invocations that share a sum each puts down its part, and all take up the whole, in one order.
fn sumOfFloats(part: f32, thread: i32, lanes: i32) -> f32 {
  parts[thread] = part;
  for (var step = lanes / 2; step > 0; step /= 2) {
    workgroupBarrier();
    if (thread % lanes < step) { parts[thread] += parts[thread + step]; }
  }
  workgroupBarrier();
  let whole = parts[thread - thread % lanes];
  workgroupBarrier();
  return whole;
}
@compute @workgroup_size(64)
fn gaussianBackwardWeightSumTotal(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
  let block = i32(group.y * groups.x + group.x);
  let thread = i32(invocation.x);
  let samples = numbers.samples;
  let channels = numbers.channels;
  let outHeight = numbers.outHeight;
  let outWidth = numbers.outWidth;
  let outPoints: i32 = outHeight * outWidth;
  let item: i32 = block;
  if (item >= samples * channels) { return; }
  let c: i32 = item % channels;
  let rest1: i32 = item / channels;
  let n: i32 = rest1;
  var total: f32 = 0;
  for (var p = thread; p < outPoints; p += 64) {
    total += weightSumTerms[(n * channels + c) * outPoints + p];
  }
  total = sumOfFloats(total, thread, 64);
  if (thread == 0) { weightSum[block] = total; }
}

// gaussian: the gradient of mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"carried","saved":[],"unroll":"all","outputsPerThread":[1,1],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
// sums over parameters
struct Numbers {
  samples: i32,
  channels: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read_write> weightGrad: array<f32>;
@group(0) @binding(2) var<storage, read> weightSum: array<f32>;
@compute @workgroup_size(64)
fn gaussianBackwardWeightGrad(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
  let block = i32(group.y * groups.x + group.x);
  let thread = i32(invocation.x);
  let samples = numbers.samples;
  let channels = numbers.channels;
  let item: i32 = block * 64 + thread;
  if (item >= channels) { return; }
  let c: i32 = item;
  var total: f32 = 0;
  for (var n = 0; n < samples; n += 1) {
    let plane: i32 = n * channels + c;
    let weightSum_2: f32 = weightSum[plane];
    total += weightSum_2;
  }
  weightGrad[item] = total;
}

// avg: mean(x)
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"all","outputsPerThread":[1,2],"border":"predicated","vector":4,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
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
@group(0) @binding(1) var<storage, read_write> y: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
fn write2_y(at: i32, value: vec2<f32>) {
  y[at >> 1u] = value;
}
fn read4_x(at: i32) -> vec4<f32> {
  return x[at >> 2u];
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
  let x00v: vec4<f32> = read4_x(row0);
  let x10v: vec4<f32> = read4_x(row1);
  // mean(x)
  let sum: f32 = x00v.x + x10v.x + (x00v.y + x10v.y);
  let sum01: f32 = x00v.z + x10v.z + (x00v.w + x10v.w);
  write2_y(out0, vec2<f32>(sum / 4.0, sum01 / 4.0));
}

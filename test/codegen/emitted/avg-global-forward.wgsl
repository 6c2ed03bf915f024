// avg: mean(x)
// one window over everything; float32, channels-first
// schedule: {"phases":"fused","saved":[],"unroll":"none","outputsPerThread":[1,1],"border":"predicated","vector":1,"staging":"none","sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
// windows by loops over their taps
struct Numbers {
  samples: i32,
  channels: i32,
  height: i32,
  width: i32,
}
@group(0) @binding(0) var<uniform> numbers: Numbers;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn avgForward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) invocation: vec3u) {
  let block = i32(group.y * groups.x + group.x);
  let thread = i32(invocation.x);
  let samples = numbers.samples;
  let channels = numbers.channels;
  let height = numbers.height;
  let width = numbers.width;
  let points: i32 = height * width;
  let cell: i32 = block * 64 + thread;
  if (cell >= (samples * channels)) { return; }
  let plane: i32 = cell;
  let outAt: i32 = plane;
  // mean(x)
  var sum: f32 = 0;
  {
    let rowAt: i32 = plane * points;
    for (var t = 0; t < points; t += 1) {
      let x_2: f32 = x[rowAt + t];
      sum += x_2;
    }
  }
  y[outAt] = sum / f32(points);
}

// avg: mean(x)
// window 3x3, stride 1, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"carried","saved":[],"unroll":"all","outputsPerThread":[1,1],"border":"predicated","vector":1,"staging":{"tile":[8,8]},"sums":"terms","threads":64,"lanes":1,"extents":"dynamic"}
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
var<workgroup> xTile: array<f32, 100>;
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
  let lines: i32 = outHeight;
  let columns: i32 = outWidth;
  let tilesH: i32 = (lines + 7) / 8;
  let tilesW: i32 = (columns + 7) / 8;
  let tile: i32 = block;
  if (tile >= samples * channels * tilesH * tilesW) { return; }
  let tileW: i32 = tile % tilesW;
  let rest1: i32 = tile / tilesW;
  let tileH: i32 = rest1 % tilesH;
  let plane: i32 = rest1 / tilesH;
  let originH: i32 = tileH * 8 - 1;
  let originW: i32 = tileW * 8 - 1;
  for (var at = thread; at < 100; at += 64) {
    let atH: i32 = originH + at / 10;
    let atW: i32 = originW + at % 10;
    let inside: bool = u32(atH) < u32(height) && u32(atW) < u32(width);
    let source: i32 = (plane * height + atH) * width + atW;
    xTile[at] = select(0.0, x[source], inside);
  }
  workgroupBarrier();
  let cellW: i32 = thread % 8;
  let within1: i32 = thread / 8;
  let cellH: i32 = within1;
  let ownH: i32 = tileH * 8 + cellH;
  let ownW: i32 = tileW * 8 + cellW;
  let live: bool = ownH < lines && ownW < columns;
  let oh: i32 = min(ownH, lines - 1);
  let ow: i32 = min(ownW, columns - 1);
  let ih: i32 = oh - 1;
  let iw: i32 = ow - 1;
  let out0: i32 = (plane * outHeight + oh) * outWidth + ow;
  let local: i32 = (ih - originH) * 10 + iw - originW;
  let x00: f32 = xTile[local];
  let x10: f32 = xTile[local + 10];
  let x20: f32 = xTile[local + 20];
  let x01: f32 = xTile[local + 1];
  let x11: f32 = xTile[local + 11];
  let x21: f32 = xTile[local + 21];
  let x02: f32 = xTile[local + 2];
  let x12: f32 = xTile[local + 12];
  let x22: f32 = xTile[local + 22];
  // mean(x)
  let sum: f32 = x00 + x10 + x20 + (x01 + x11 + x21) + (x02 + x12 + x22);
  if (live) { y[out0] = sum / 9.0; }
}

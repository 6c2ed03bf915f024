// max: y = max(x); indices = flatIndex(argmax(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":4,"rows":1,"fold":"columns","extrema":"select","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
export function maxForward(x, y, indices, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      for (let oh = 0; oh < outHeight; oh++) {
        const outRow = outPlane + oh * outWidth
        const start = inPlane + oh * 2 * width
        let ow = 0
        for (; ow < outWidth - 3; ow += 4) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const x00 = x[row0]
          const x01 = x[row0 + 1]
          const later = -((x01 > x00) | (x01 !== x01))
          const place = row0 ^ ((row0 ^ row0 + 1) & later)
          const best = x[place]
          const x10 = x[row1]
          const later_2 = -((x10 > best) | (x10 !== x10))
          const place_2 = place ^ ((place ^ row1) & later_2)
          const best_2 = x[place_2]
          const x11 = x[row1 + 1]
          const later_3 = -((x11 > best_2) | (x11 !== x11))
          const place_3 = place_2 ^ ((place_2 ^ row1 + 1) & later_3)
          // max(x)
          const best_3 = x[place_3]
          y[outRow + ow] = best_3
          indices[outRow + ow] = place_3 - inPlane
          const x02 = x[row0 + 2]
          const x03 = x[row0 + 3]
          const later_4 = -((x03 > x02) | (x03 !== x03))
          const place_4 = row0 + 2 ^ ((row0 + 2 ^ row0 + 3) & later_4)
          const best_4 = x[place_4]
          const x12 = x[row1 + 2]
          const later_5 = -((x12 > best_4) | (x12 !== x12))
          const place_5 = place_4 ^ ((place_4 ^ row1 + 2) & later_5)
          const best_5 = x[place_5]
          const x13 = x[row1 + 3]
          const later_6 = -((x13 > best_5) | (x13 !== x13))
          const place_6 = place_5 ^ ((place_5 ^ row1 + 3) & later_6)
          const best_6 = x[place_6]
          y[outRow + ow + 1] = best_6
          indices[outRow + ow + 1] = place_6 - inPlane
          const x04 = x[row0 + 4]
          const x05 = x[row0 + 5]
          const later_7 = -((x05 > x04) | (x05 !== x05))
          const place_7 = row0 + 4 ^ ((row0 + 4 ^ row0 + 5) & later_7)
          const best_7 = x[place_7]
          const x14 = x[row1 + 4]
          const later_8 = -((x14 > best_7) | (x14 !== x14))
          const place_8 = place_7 ^ ((place_7 ^ row1 + 4) & later_8)
          const best_8 = x[place_8]
          const x15 = x[row1 + 5]
          const later_9 = -((x15 > best_8) | (x15 !== x15))
          const place_9 = place_8 ^ ((place_8 ^ row1 + 5) & later_9)
          const best_9 = x[place_9]
          y[outRow + ow + 2] = best_9
          indices[outRow + ow + 2] = place_9 - inPlane
          const x06 = x[row0 + 6]
          const x07 = x[row0 + 7]
          const later_10 = -((x07 > x06) | (x07 !== x07))
          const place_10 = row0 + 6 ^ ((row0 + 6 ^ row0 + 7) & later_10)
          const best_10 = x[place_10]
          const x16 = x[row1 + 6]
          const later_11 = -((x16 > best_10) | (x16 !== x16))
          const place_11 = place_10 ^ ((place_10 ^ row1 + 6) & later_11)
          const best_11 = x[place_11]
          const x17 = x[row1 + 7]
          const later_12 = -((x17 > best_11) | (x17 !== x17))
          const place_12 = place_11 ^ ((place_11 ^ row1 + 7) & later_12)
          const best_12 = x[place_12]
          y[outRow + ow + 3] = best_12
          indices[outRow + ow + 3] = place_12 - inPlane
        }
        for (; ow < outWidth; ow++) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const x00 = x[row0]
          const x01 = x[row0 + 1]
          const later = -((x01 > x00) | (x01 !== x01))
          const place = row0 ^ ((row0 ^ row0 + 1) & later)
          const best = x[place]
          const x10 = x[row1]
          const later_2 = -((x10 > best) | (x10 !== x10))
          const place_2 = place ^ ((place ^ row1) & later_2)
          const best_2 = x[place_2]
          const x11 = x[row1 + 1]
          const later_3 = -((x11 > best_2) | (x11 !== x11))
          const place_3 = place_2 ^ ((place_2 ^ row1 + 1) & later_3)
          // max(x)
          const best_3 = x[place_3]
          y[outRow + ow] = best_3
          indices[outRow + ow] = place_3 - inPlane
        }
      }
    }
  }
}

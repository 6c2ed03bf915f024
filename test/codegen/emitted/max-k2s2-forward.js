// max: y = max(x); indices = flatIndex(argmax(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":2,"split":1,"extents":"dynamic"}
// a key is the bits of a float32 made to order as the floats do, NaN on top: an integer comparison needs no branch
export function maxForward(xBits, x, y, indices, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      for (let oh = 0; oh < outHeight; oh++) {
        const outRow = outPlane + oh * outWidth
        const start = inPlane + oh * 2 * width
        let ow = 0
        for (; ow < outWidth - 1; ow += 2) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const bits00 = xBits[row0]
          const key00 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
          const bits01 = xBits[row0 + 1]
          const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
          const later = -((key01 > key00) | (key01 > 2130706432))
          const best = key00 ^ ((key00 ^ key01) & later)
          const bits10 = xBits[row1]
          const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
          const later_2 = -((key10 > best) | (key10 > 2130706432))
          const best_2 = best ^ ((best ^ key10) & later_2)
          const bits11 = xBits[row1 + 1]
          const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
          const later_3 = -((key11 > best_2) | (key11 > 2130706432))
          const place = row0 ^ ((row0 ^ row0 + 1) & later)
          const place_2 = place ^ ((place ^ row1) & later_2)
          const place_3 = place_2 ^ ((place_2 ^ row1 + 1) & later_3)
          // max(x)
          const max0 = x[place_3]
          y[outRow + ow] = max0
          indices[outRow + ow] = place_3 - inPlane
          const bits02 = xBits[row0 + 2]
          const key02 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
          const bits03 = xBits[row0 + 3]
          const key03 = ((bits03 ^ ((bits03 >> 31) >>> 1)) - (bits03 >> 31) - 8388608) | 0
          const later_4 = -((key03 > key02) | (key03 > 2130706432))
          const best_3 = key02 ^ ((key02 ^ key03) & later_4)
          const bits12 = xBits[row1 + 2]
          const key12 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
          const later_5 = -((key12 > best_3) | (key12 > 2130706432))
          const best_4 = best_3 ^ ((best_3 ^ key12) & later_5)
          const bits13 = xBits[row1 + 3]
          const key13 = ((bits13 ^ ((bits13 >> 31) >>> 1)) - (bits13 >> 31) - 8388608) | 0
          const later_6 = -((key13 > best_4) | (key13 > 2130706432))
          const place_4 = row0 + 2 ^ ((row0 + 2 ^ row0 + 3) & later_4)
          const place_5 = place_4 ^ ((place_4 ^ row1 + 2) & later_5)
          const place_6 = place_5 ^ ((place_5 ^ row1 + 3) & later_6)
          const max1 = x[place_6]
          y[outRow + ow + 1] = max1
          indices[outRow + ow + 1] = place_6 - inPlane
        }
        for (; ow < outWidth; ow++) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const bits00 = xBits[row0]
          const key00 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
          const bits01 = xBits[row0 + 1]
          const key01 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
          const later = -((key01 > key00) | (key01 > 2130706432))
          const best = key00 ^ ((key00 ^ key01) & later)
          const bits10 = xBits[row1]
          const key10 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
          const later_2 = -((key10 > best) | (key10 > 2130706432))
          const best_2 = best ^ ((best ^ key10) & later_2)
          const bits11 = xBits[row1 + 1]
          const key11 = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
          const later_3 = -((key11 > best_2) | (key11 > 2130706432))
          const place = row0 ^ ((row0 ^ row0 + 1) & later)
          const place_2 = place ^ ((place ^ row1) & later_2)
          const place_3 = place_2 ^ ((place_2 ^ row1 + 1) & later_3)
          // max(x)
          const max = x[place_3]
          y[outRow + ow] = max
          indices[outRow + ow] = place_3 - inPlane
        }
      }
    }
  }
}

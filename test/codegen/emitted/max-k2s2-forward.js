// max: y = max(x); indices = flatIndex(argmax(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":2,"split":1,"extents":"dynamic"}
export function maxForward(xBits, x, y, indices, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      for (let oh = 0; oh < outHeight; oh++) {
        const outRow = outPlane + oh * outWidth
        const start = inPlane + (oh * 2) * width
        let ow = 0
        for (; ow < outWidth - 1; ow += 2) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const bits11 = xBits[row1 + 1]
          const key = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
          const bits10 = xBits[row1]
          const key_2 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
          const bits01 = xBits[row0 + 1]
          const key_3 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
          const bits00 = xBits[row0]
          const key_4 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
          const later = -((key_3 > key_4) | (key_3 > 2130706432))
          const best = key_4 ^ ((key_4 ^ key_3) & later)
          const later_2 = -((key_2 > best) | (key_2 > 2130706432))
          const best_2 = best ^ ((best ^ key_2) & later_2)
          const later_3 = -((key > best_2) | (key > 2130706432))
          const at_2 = row0 ^ ((row0 ^ row0 + 1) & later)
          const at_3 = at_2 ^ ((at_2 ^ row1) & later_2)
          const at_4 = at_3 ^ ((at_3 ^ row1 + 1) & later_3)
          // max(x)
          const max0 = x[at_4]
          y[outRow + ow] = max0
          indices[outRow + ow] = at_4 - inPlane
          const bits13 = xBits[row1 + 3]
          const key_5 = ((bits13 ^ ((bits13 >> 31) >>> 1)) - (bits13 >> 31) - 8388608) | 0
          const bits12 = xBits[row1 + 2]
          const key_6 = ((bits12 ^ ((bits12 >> 31) >>> 1)) - (bits12 >> 31) - 8388608) | 0
          const bits03 = xBits[row0 + 3]
          const key_7 = ((bits03 ^ ((bits03 >> 31) >>> 1)) - (bits03 >> 31) - 8388608) | 0
          const bits02 = xBits[row0 + 2]
          const key_8 = ((bits02 ^ ((bits02 >> 31) >>> 1)) - (bits02 >> 31) - 8388608) | 0
          const later_4 = -((key_7 > key_8) | (key_7 > 2130706432))
          const best_3 = key_8 ^ ((key_8 ^ key_7) & later_4)
          const later_5 = -((key_6 > best_3) | (key_6 > 2130706432))
          const best_4 = best_3 ^ ((best_3 ^ key_6) & later_5)
          const later_6 = -((key_5 > best_4) | (key_5 > 2130706432))
          const at_5 = row0 + 2 ^ ((row0 + 2 ^ row0 + 3) & later_4)
          const at_6 = at_5 ^ ((at_5 ^ row1 + 2) & later_5)
          const at_7 = at_6 ^ ((at_6 ^ row1 + 3) & later_6)
          const max1 = x[at_7]
          y[outRow + ow + 1] = max1
          indices[outRow + ow + 1] = at_7 - inPlane
        }
        for (; ow < outWidth; ow++) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const bits11 = xBits[row1 + 1]
          const key = ((bits11 ^ ((bits11 >> 31) >>> 1)) - (bits11 >> 31) - 8388608) | 0
          const bits10 = xBits[row1]
          const key_2 = ((bits10 ^ ((bits10 >> 31) >>> 1)) - (bits10 >> 31) - 8388608) | 0
          const bits01 = xBits[row0 + 1]
          const key_3 = ((bits01 ^ ((bits01 >> 31) >>> 1)) - (bits01 >> 31) - 8388608) | 0
          const bits00 = xBits[row0]
          const key_4 = ((bits00 ^ ((bits00 >> 31) >>> 1)) - (bits00 >> 31) - 8388608) | 0
          const later = -((key_3 > key_4) | (key_3 > 2130706432))
          const best = key_4 ^ ((key_4 ^ key_3) & later)
          const later_2 = -((key_2 > best) | (key_2 > 2130706432))
          const best_2 = best ^ ((best ^ key_2) & later_2)
          const later_3 = -((key > best_2) | (key > 2130706432))
          const at_2 = row0 ^ ((row0 ^ row0 + 1) & later)
          const at_3 = at_2 ^ ((at_2 ^ row1) & later_2)
          const at_4 = at_3 ^ ((at_3 ^ row1 + 1) & later_3)
          // max(x)
          const max = x[at_4]
          y[outRow + ow] = max
          indices[outRow + ow] = at_4 - inPlane
        }
      }
    }
  }
}

// max: y = max(x); indices = flatIndex(argmax(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":4,"split":1,"extents":"dynamic"}
// a key is the bits of a float32 made to order as the floats do, NaN on top: an integer comparison needs no branch
export function maxForward(xBits, x, y, indices, samples, channels, height, width, outHeight, outWidth) {
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
          const bits04 = xBits[row0 + 4]
          const key04 = ((bits04 ^ ((bits04 >> 31) >>> 1)) - (bits04 >> 31) - 8388608) | 0
          const bits05 = xBits[row0 + 5]
          const key05 = ((bits05 ^ ((bits05 >> 31) >>> 1)) - (bits05 >> 31) - 8388608) | 0
          const later_7 = -((key05 > key04) | (key05 > 2130706432))
          const best_5 = key04 ^ ((key04 ^ key05) & later_7)
          const bits14 = xBits[row1 + 4]
          const key14 = ((bits14 ^ ((bits14 >> 31) >>> 1)) - (bits14 >> 31) - 8388608) | 0
          const later_8 = -((key14 > best_5) | (key14 > 2130706432))
          const best_6 = best_5 ^ ((best_5 ^ key14) & later_8)
          const bits15 = xBits[row1 + 5]
          const key15 = ((bits15 ^ ((bits15 >> 31) >>> 1)) - (bits15 >> 31) - 8388608) | 0
          const later_9 = -((key15 > best_6) | (key15 > 2130706432))
          const place_7 = row0 + 4 ^ ((row0 + 4 ^ row0 + 5) & later_7)
          const place_8 = place_7 ^ ((place_7 ^ row1 + 4) & later_8)
          const place_9 = place_8 ^ ((place_8 ^ row1 + 5) & later_9)
          const max2 = x[place_9]
          y[outRow + ow + 2] = max2
          indices[outRow + ow + 2] = place_9 - inPlane
          const bits06 = xBits[row0 + 6]
          const key06 = ((bits06 ^ ((bits06 >> 31) >>> 1)) - (bits06 >> 31) - 8388608) | 0
          const bits07 = xBits[row0 + 7]
          const key07 = ((bits07 ^ ((bits07 >> 31) >>> 1)) - (bits07 >> 31) - 8388608) | 0
          const later_10 = -((key07 > key06) | (key07 > 2130706432))
          const best_7 = key06 ^ ((key06 ^ key07) & later_10)
          const bits16 = xBits[row1 + 6]
          const key16 = ((bits16 ^ ((bits16 >> 31) >>> 1)) - (bits16 >> 31) - 8388608) | 0
          const later_11 = -((key16 > best_7) | (key16 > 2130706432))
          const best_8 = best_7 ^ ((best_7 ^ key16) & later_11)
          const bits17 = xBits[row1 + 7]
          const key17 = ((bits17 ^ ((bits17 >> 31) >>> 1)) - (bits17 >> 31) - 8388608) | 0
          const later_12 = -((key17 > best_8) | (key17 > 2130706432))
          const place_10 = row0 + 6 ^ ((row0 + 6 ^ row0 + 7) & later_10)
          const place_11 = place_10 ^ ((place_10 ^ row1 + 6) & later_11)
          const place_12 = place_11 ^ ((place_11 ^ row1 + 7) & later_12)
          const max3 = x[place_12]
          y[outRow + ow + 3] = max3
          indices[outRow + ow + 3] = place_12 - inPlane
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

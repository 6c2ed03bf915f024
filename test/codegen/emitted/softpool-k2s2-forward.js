// softpool: sum(x * exp(x)) / sum(exp(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":4,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
// a key is the bits of a float32 made to order as the floats do, NaN on top: an integer comparison needs no branch
export function softpoolForward(xBits, x, y, samples, channels, height, width, outHeight, outWidth) {
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
          const max0 = x[place_2 ^ ((place_2 ^ row1 + 1) & later_3)]
          const greatest0 = Math.abs(max0) < Infinity ? max0 : 0
          const exp00_0 = Math.exp(x00 - greatest0)
          const x10 = x[row1]
          const exp10_0 = Math.exp(x10 - greatest0)
          const x01 = x[row0 + 1]
          const exp01_0 = Math.exp(x01 - greatest0)
          const x11 = x[row1 + 1]
          const exp11_0 = Math.exp(x11 - greatest0)
          // sum(x * exp(x))
          const sum0 = x00 * exp00_0 + x10 * exp10_0 + (x01 * exp01_0 + x11 * exp11_0)
          // sum(exp(x))
          const sum0_2 = exp00_0 + exp10_0 + (exp01_0 + exp11_0)
          y[outRow + ow] = sum0 / sum0_2
          const x02 = x[row0 + 2]
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
          const place_3 = row0 + 2 ^ ((row0 + 2 ^ row0 + 3) & later_4)
          const place_4 = place_3 ^ ((place_3 ^ row1 + 2) & later_5)
          const max1 = x[place_4 ^ ((place_4 ^ row1 + 3) & later_6)]
          const greatest1 = Math.abs(max1) < Infinity ? max1 : 0
          const exp00_1 = Math.exp(x02 - greatest1)
          const x12 = x[row1 + 2]
          const exp10_1 = Math.exp(x12 - greatest1)
          const x03 = x[row0 + 3]
          const exp01_1 = Math.exp(x03 - greatest1)
          const x13 = x[row1 + 3]
          const exp11_1 = Math.exp(x13 - greatest1)
          const sum1 = x02 * exp00_1 + x12 * exp10_1 + (x03 * exp01_1 + x13 * exp11_1)
          const sum1_2 = exp00_1 + exp10_1 + (exp01_1 + exp11_1)
          y[outRow + ow + 1] = sum1 / sum1_2
          const x04 = x[row0 + 4]
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
          const place_5 = row0 + 4 ^ ((row0 + 4 ^ row0 + 5) & later_7)
          const place_6 = place_5 ^ ((place_5 ^ row1 + 4) & later_8)
          const max2 = x[place_6 ^ ((place_6 ^ row1 + 5) & later_9)]
          const greatest2 = Math.abs(max2) < Infinity ? max2 : 0
          const exp00_2 = Math.exp(x04 - greatest2)
          const x14 = x[row1 + 4]
          const exp10_2 = Math.exp(x14 - greatest2)
          const x05 = x[row0 + 5]
          const exp01_2 = Math.exp(x05 - greatest2)
          const x15 = x[row1 + 5]
          const exp11_2 = Math.exp(x15 - greatest2)
          const sum2 = x04 * exp00_2 + x14 * exp10_2 + (x05 * exp01_2 + x15 * exp11_2)
          const sum2_2 = exp00_2 + exp10_2 + (exp01_2 + exp11_2)
          y[outRow + ow + 2] = sum2 / sum2_2
          const x06 = x[row0 + 6]
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
          const place_7 = row0 + 6 ^ ((row0 + 6 ^ row0 + 7) & later_10)
          const place_8 = place_7 ^ ((place_7 ^ row1 + 6) & later_11)
          const max3 = x[place_8 ^ ((place_8 ^ row1 + 7) & later_12)]
          const greatest3 = Math.abs(max3) < Infinity ? max3 : 0
          const exp00_3 = Math.exp(x06 - greatest3)
          const x16 = x[row1 + 6]
          const exp10_3 = Math.exp(x16 - greatest3)
          const x07 = x[row0 + 7]
          const exp01_3 = Math.exp(x07 - greatest3)
          const x17 = x[row1 + 7]
          const exp11_3 = Math.exp(x17 - greatest3)
          const sum3 = x06 * exp00_3 + x16 * exp10_3 + (x07 * exp01_3 + x17 * exp11_3)
          const sum3_2 = exp00_3 + exp10_3 + (exp01_3 + exp11_3)
          y[outRow + ow + 3] = sum3 / sum3_2
        }
        for (; ow < outWidth; ow++) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const x00 = x[row0]
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
          const max = x[place_2 ^ ((place_2 ^ row1 + 1) & later_3)]
          const greatest = Math.abs(max) < Infinity ? max : 0
          const exp00 = Math.exp(x00 - greatest)
          const x10 = x[row1]
          const exp10 = Math.exp(x10 - greatest)
          const x01 = x[row0 + 1]
          const exp01 = Math.exp(x01 - greatest)
          const x11 = x[row1 + 1]
          const exp11 = Math.exp(x11 - greatest)
          // sum(x * exp(x))
          const sum = x00 * exp00 + x10 * exp10 + (x01 * exp01 + x11 * exp11)
          // sum(exp(x))
          const sum_2 = exp00 + exp10 + (exp01 + exp11)
          y[outRow + ow] = sum / sum_2
        }
      }
    }
  }
}

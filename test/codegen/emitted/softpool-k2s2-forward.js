// softpool: sum(x * exp(x)) / sum(exp(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":4,"split":1,"extents":"dynamic"}
export function softpoolForward(xBits, x, y, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      for (let oh = 0; oh < outHeight; oh++) {
        const outRow = outPlane + oh * outWidth
        const start = inPlane + (oh * 2) * width
        let ow = 0
        for (; ow < outWidth - 3; ow += 4) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const x00 = x[row0]
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
          const max0 = x[at_3 ^ ((at_3 ^ row1 + 1) & later_3)]
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
          const at_4 = row0 + 2 ^ ((row0 + 2 ^ row0 + 3) & later_4)
          const at_5 = at_4 ^ ((at_4 ^ row1 + 2) & later_5)
          const max1 = x[at_5 ^ ((at_5 ^ row1 + 3) & later_6)]
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
          const bits15 = xBits[row1 + 5]
          const key_9 = ((bits15 ^ ((bits15 >> 31) >>> 1)) - (bits15 >> 31) - 8388608) | 0
          const bits14 = xBits[row1 + 4]
          const key_10 = ((bits14 ^ ((bits14 >> 31) >>> 1)) - (bits14 >> 31) - 8388608) | 0
          const bits05 = xBits[row0 + 5]
          const key_11 = ((bits05 ^ ((bits05 >> 31) >>> 1)) - (bits05 >> 31) - 8388608) | 0
          const bits04 = xBits[row0 + 4]
          const key_12 = ((bits04 ^ ((bits04 >> 31) >>> 1)) - (bits04 >> 31) - 8388608) | 0
          const later_7 = -((key_11 > key_12) | (key_11 > 2130706432))
          const best_5 = key_12 ^ ((key_12 ^ key_11) & later_7)
          const later_8 = -((key_10 > best_5) | (key_10 > 2130706432))
          const best_6 = best_5 ^ ((best_5 ^ key_10) & later_8)
          const later_9 = -((key_9 > best_6) | (key_9 > 2130706432))
          const at_6 = row0 + 4 ^ ((row0 + 4 ^ row0 + 5) & later_7)
          const at_7 = at_6 ^ ((at_6 ^ row1 + 4) & later_8)
          const max2 = x[at_7 ^ ((at_7 ^ row1 + 5) & later_9)]
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
          const bits17 = xBits[row1 + 7]
          const key_13 = ((bits17 ^ ((bits17 >> 31) >>> 1)) - (bits17 >> 31) - 8388608) | 0
          const bits16 = xBits[row1 + 6]
          const key_14 = ((bits16 ^ ((bits16 >> 31) >>> 1)) - (bits16 >> 31) - 8388608) | 0
          const bits07 = xBits[row0 + 7]
          const key_15 = ((bits07 ^ ((bits07 >> 31) >>> 1)) - (bits07 >> 31) - 8388608) | 0
          const bits06 = xBits[row0 + 6]
          const key_16 = ((bits06 ^ ((bits06 >> 31) >>> 1)) - (bits06 >> 31) - 8388608) | 0
          const later_10 = -((key_15 > key_16) | (key_15 > 2130706432))
          const best_7 = key_16 ^ ((key_16 ^ key_15) & later_10)
          const later_11 = -((key_14 > best_7) | (key_14 > 2130706432))
          const best_8 = best_7 ^ ((best_7 ^ key_14) & later_11)
          const later_12 = -((key_13 > best_8) | (key_13 > 2130706432))
          const at_8 = row0 + 6 ^ ((row0 + 6 ^ row0 + 7) & later_10)
          const at_9 = at_8 ^ ((at_8 ^ row1 + 6) & later_11)
          const max3 = x[at_9 ^ ((at_9 ^ row1 + 7) & later_12)]
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
          const max = x[at_3 ^ ((at_3 ^ row1 + 1) & later_3)]
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

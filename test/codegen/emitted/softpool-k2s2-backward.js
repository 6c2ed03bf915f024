// softpool: the gradient of sum(x * exp(x)) / sum(exp(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":2,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
// a key is the bits of a float32 made to order as the floats do, NaN on top: an integer comparison needs no branch
export function softpoolBackward(xBits, x, yGrad, xGrad, samples, channels, height, width, outHeight, outWidth) {
  if (outHeight * 2 < height || outWidth * 2 < width) xGrad.fill(0)
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
          const dy0 = yGrad[outRow + ow]
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
          // sum(exp(x))
          const sum0 = exp00_0 + exp10_0 + (exp01_0 + exp11_0)
          const share0 = dy0 / sum0
          // sum(x * exp(x))
          const sum0_2 = x00 * exp00_0 + x10 * exp10_0 + (x01 * exp01_0 + x11 * exp11_0)
          const share0_2 = sum0_2 / sum0
          xGrad[row0] = share0 * (exp00_0 * (1 + (x00 - share0_2)))
          xGrad[row0 + 1] = share0 * (exp01_0 * (1 + (x01 - share0_2)))
          xGrad[row1] = share0 * (exp10_0 * (1 + (x10 - share0_2)))
          xGrad[row1 + 1] = share0 * (exp11_0 * (1 + (x11 - share0_2)))
          const dy1 = yGrad[outRow + ow + 1]
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
          const sum1 = exp00_1 + exp10_1 + (exp01_1 + exp11_1)
          const share1 = dy1 / sum1
          const sum1_2 = x02 * exp00_1 + x12 * exp10_1 + (x03 * exp01_1 + x13 * exp11_1)
          const share1_2 = sum1_2 / sum1
          xGrad[row0 + 2] = share1 * (exp00_1 * (1 + (x02 - share1_2)))
          xGrad[row0 + 3] = share1 * (exp01_1 * (1 + (x03 - share1_2)))
          xGrad[row1 + 2] = share1 * (exp10_1 * (1 + (x12 - share1_2)))
          xGrad[row1 + 3] = share1 * (exp11_1 * (1 + (x13 - share1_2)))
        }
        for (; ow < outWidth; ow++) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const dy = yGrad[outRow + ow]
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
          // sum(exp(x))
          const sum = exp00 + exp10 + (exp01 + exp11)
          const share = dy / sum
          // sum(x * exp(x))
          const sum_2 = x00 * exp00 + x10 * exp10 + (x01 * exp01 + x11 * exp11)
          const share_2 = sum_2 / sum
          xGrad[row0] = share * (exp00 * (1 + (x00 - share_2)))
          xGrad[row0 + 1] = share * (exp01 * (1 + (x01 - share_2)))
          xGrad[row1] = share * (exp10 * (1 + (x10 - share_2)))
          xGrad[row1 + 1] = share * (exp11 * (1 + (x11 - share_2)))
        }
      }
    }
  }
}

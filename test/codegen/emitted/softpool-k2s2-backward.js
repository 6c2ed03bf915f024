// softpool: the gradient of sum(x * exp(x)) / sum(exp(x))
// window 2x2, stride 2; float32, channels-first
// schedule: {"phases":"owner","saved":[],"unroll":"all","outputsPerThread":1,"extents":"dynamic"}
export function softpoolBackward(x, yGrad, xGrad, samples, channels, height, width, outHeight, outWidth) {
  if (outHeight * 2 < height || outWidth * 2 < width) xGrad.fill(0)
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      for (let oh = 0; oh < outHeight; oh++) {
        const outRow = outPlane + oh * outWidth
        const start = inPlane + (oh * 2) * width
        let ow = 0
        for (; ow < outWidth; ow++) {
          const row0 = start + ow * 2
          const row1 = start + ow * 2 + width
          const yGrad_2 = yGrad[outRow + ow]
          const x00 = x[row0]
          const x01 = x[row0 + 1]
          const v = -((x01 > x00) | (x01 !== x01))
          const at_2 = row0 ^ ((row0 ^ row0 + 1) & v)
          const best = x[at_2]
          const x10 = x[row1]
          const v_2 = -((x10 > best) | (x10 !== x10))
          const at_3 = at_2 ^ ((at_2 ^ row1) & v_2)
          const best_2 = x[at_3]
          const x11 = x[row1 + 1]
          const v_3 = -((x11 > best_2) | (x11 !== x11))
          const at_4 = at_3 ^ ((at_3 ^ row1 + 1) & v_3)
          const best_3 = x[at_4]
          const v_4 = Math.abs(best_3) < Infinity ? best_3 : 0
          const v_5 = Math.exp(x00 - v_4)
          const v_6 = Math.exp(x01 - v_4)
          const v_7 = Math.exp(x10 - v_4)
          const v_8 = Math.exp(x11 - v_4)
          // sum(exp(x))
          const sum = v_5 + v_6 + v_7 + v_8
          const v_9 = yGrad_2 / sum
          // sum(x * exp(x))
          const sum_2 = x00 * v_5 + x01 * v_6 + x10 * v_7 + x11 * v_8
          const v_10 = sum_2 / sum
          xGrad[row0] = v_9 * (v_5 * (1 + (x00 - v_10)))
          xGrad[row0 + 1] = v_9 * (v_6 * (1 + (x01 - v_10)))
          xGrad[row1] = v_9 * (v_7 * (1 + (x10 - v_10)))
          xGrad[row1 + 1] = v_9 * (v_8 * (1 + (x11 - v_10)))
        }
      }
    }
  }
}

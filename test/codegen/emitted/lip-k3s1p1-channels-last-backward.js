// lip: the gradient of sum(x * exp(l)) / sum(exp(l))
// window 3x3, stride 1, padding 1 (counted: divisor 9); float32, channels-last
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":1,"extents":"dynamic"}
/** windows by loops over the taps that lie inside */
function border(l, x, yGrad, xGrad, lGrad, samples, channels, height, width, outHeight, outWidth, n, inPlane, outPlane, oh, first, end) {
  const hStart = oh - 1
  const hFrom = Math.max(0, -hStart)
  const hTo = Math.min(3, height - hStart)
  const outRow = outPlane + oh * outWidth
  for (let ow = first; ow < end; ow++) {
    const wStart = ow - 1
    const wFrom = Math.max(0, -wStart)
    const wTo = Math.min(3, width - wStart)
    for (let c = 0; c < channels; c++) {
      let max = -Infinity, chosen = -1, chosenTap = -1
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        for (let tw = wFrom; tw < wTo; tw++) {
          const at = row + tw
          const v = l[(at) * channels + c]
          if (v > max || v !== v || chosen < 0) { max = v; chosen = at; chosenTap = th * 3 + tw }
        }
      }
      // sum(exp(l))
      let sum = 0
      // sum(x * exp(l))
      let sum_2 = 0
      const v = Math.abs(max) < Infinity ? max : 0
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        for (let tw = wFrom; tw < wTo; tw++) {
          const at = row + tw
          const v_2 = l[(at) * channels + c]
          sum += Math.exp(v_2 - v)
          const x_2 = x[(at) * channels + c]
          sum_2 += x_2 * Math.exp(v_2 - v)
        }
      }
      const yGrad_2 = yGrad[(outRow + ow) * channels + c]
      const v_2 = yGrad_2 / sum
      const v_3 = sum_2 / sum
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        for (let tw = wFrom; tw < wTo; tw++) {
          const at = row + tw
          const v_4 = l[(at) * channels + c]
          const v_5 = Math.exp(v_4 - v)
          xGrad[(at) * channels + c] += v_2 * v_5
          const x_2 = x[(at) * channels + c]
          lGrad[(at) * channels + c] += v_2 * ((x_2 - v_3) * v_5)
        }
      }
    }
  }
}
/** windows whose rows may leave the input, but not their columns */
function rows(l, x, yGrad, xGrad, lGrad, samples, channels, height, width, outHeight, outWidth, n, inPlane, outPlane, oh, first, end) {
  const hStart = oh - 1
  const hFrom = Math.max(0, -hStart)
  const hTo = Math.min(3, height - hStart)
  const outRow = outPlane + oh * outWidth
  for (let ow = first; ow < end; ow++) {
    const wStart = ow - 1
    const wFrom = Math.max(0, -wStart)
    const wTo = Math.min(3, width - wStart)
    for (let c = 0; c < channels; c++) {
      let max = -Infinity, chosen = -1, chosenTap = -1
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        const v = l[(row) * channels + c]
        if (v > max || v !== v || chosen < 0) { max = v; chosen = row; chosenTap = th * 3 }
        const v_2 = l[(row + 1) * channels + c]
        if (v_2 > max || v_2 !== v_2 || chosen < 0) { max = v_2; chosen = row + 1; chosenTap = th * 3 + 1 }
        const v_3 = l[(row + 2) * channels + c]
        if (v_3 > max || v_3 !== v_3 || chosen < 0) { max = v_3; chosen = row + 2; chosenTap = th * 3 + 2 }
      }
      // sum(exp(l))
      let sum = 0
      // sum(x * exp(l))
      let sum_2 = 0
      const v = Math.abs(max) < Infinity ? max : 0
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        const v_2 = l[(row) * channels + c]
        const v_3 = l[(row + 1) * channels + c]
        const v_4 = l[(row + 2) * channels + c]
        sum += Math.exp(v_2 - v) + Math.exp(v_3 - v) + Math.exp(v_4 - v)
        const x_2 = x[(row) * channels + c]
        const x_3 = x[(row + 1) * channels + c]
        const x_4 = x[(row + 2) * channels + c]
        sum_2 += x_2 * Math.exp(v_2 - v) + x_3 * Math.exp(v_3 - v) + x_4 * Math.exp(v_4 - v)
      }
      const yGrad_2 = yGrad[(outRow + ow) * channels + c]
      const v_2 = yGrad_2 / sum
      // sum(x * exp(l)) / sum(exp(l))
      const v_3 = sum_2 / sum
      for (let th = hFrom; th < hTo; th++) {
        const row = inPlane + (hStart + th) * width + wStart
        const v_4 = l[(row) * channels + c]
        const v_5 = Math.exp(v_4 - v)
        xGrad[(row) * channels + c] += v_2 * v_5
        const x_2 = x[(row) * channels + c]
        lGrad[(row) * channels + c] += v_2 * ((x_2 - v_3) * v_5)
        const v_6 = l[(row + 1) * channels + c]
        const v_7 = Math.exp(v_6 - v)
        xGrad[(row + 1) * channels + c] += v_2 * v_7
        const x_3 = x[(row + 1) * channels + c]
        lGrad[(row + 1) * channels + c] += v_2 * ((x_3 - v_3) * v_7)
        const v_8 = l[(row + 2) * channels + c]
        const v_9 = Math.exp(v_8 - v)
        xGrad[(row + 2) * channels + c] += v_2 * v_9
        const x_4 = x[(row + 2) * channels + c]
        lGrad[(row + 2) * channels + c] += v_2 * ((x_4 - v_3) * v_9)
      }
    }
  }
}
export function lipBackward(l, x, yGrad, xGrad, lGrad, samples, channels, height, width, outHeight, outWidth) {
  xGrad.fill(0)
  lGrad.fill(0)
  for (let n = 0; n < samples; n++) {
    const inPlane = n * (height * width), outPlane = n * (outHeight * outWidth)
    const firstH = Math.min(outHeight, 1)
    const endH = Math.max(firstH, Math.min(outHeight, height - 1))
    const firstW = Math.min(outWidth, 1)
    const endW = Math.max(firstW, Math.min(outWidth, width - 1))
    for (let oh = 0; oh < outHeight; oh++) {
      border(l, x, yGrad, xGrad, lGrad, samples, channels, height, width, outHeight, outWidth, n, inPlane, outPlane, oh, 0, firstW)
      border(l, x, yGrad, xGrad, lGrad, samples, channels, height, width, outHeight, outWidth, n, inPlane, outPlane, oh, endW, outWidth)
      if (oh >= firstH && oh < endH) {
        const outRow = outPlane + oh * outWidth
        const start = inPlane + (oh - 1) * width - 1
        let ow = firstW
        for (; ow < endW; ow++) {
          const row0 = start + ow
          const at_2 = (outRow + ow) * channels
          const at_3 = row0 * channels
          const at_4 = (row0 + 1) * channels
          const at_5 = (row0 + 2) * channels
          const row1 = start + ow + width
          const at_6 = row1 * channels
          const at_7 = (row1 + 1) * channels
          const at_8 = (row1 + 2) * channels
          const row2 = start + ow + 2 * width
          const at_9 = row2 * channels
          const at_10 = (row2 + 1) * channels
          const at_11 = (row2 + 2) * channels
          for (let c = 0; c < channels; c++) {
            const yGrad_2 = yGrad[at_2 + c]
            const l00 = l[at_3 + c]
            const l01 = l[at_4 + c]
            const v = -((l01 > l00) | (l01 !== l01))
            const at_12 = row0 ^ ((row0 ^ row0 + 1) & v)
            const best = l[at_12 * channels + c]
            const l02 = l[at_5 + c]
            const v_2 = -((l02 > best) | (l02 !== l02))
            const at_13 = at_12 ^ ((at_12 ^ row0 + 2) & v_2)
            const best_2 = l[at_13 * channels + c]
            const l10 = l[at_6 + c]
            const v_3 = -((l10 > best_2) | (l10 !== l10))
            const at_14 = at_13 ^ ((at_13 ^ row1) & v_3)
            const best_3 = l[at_14 * channels + c]
            const l11 = l[at_7 + c]
            const v_4 = -((l11 > best_3) | (l11 !== l11))
            const at_15 = at_14 ^ ((at_14 ^ row1 + 1) & v_4)
            const best_4 = l[at_15 * channels + c]
            const l12 = l[at_8 + c]
            const v_5 = -((l12 > best_4) | (l12 !== l12))
            const at_16 = at_15 ^ ((at_15 ^ row1 + 2) & v_5)
            const best_5 = l[at_16 * channels + c]
            const l20 = l[at_9 + c]
            const v_6 = -((l20 > best_5) | (l20 !== l20))
            const at_17 = at_16 ^ ((at_16 ^ row2) & v_6)
            const best_6 = l[at_17 * channels + c]
            const l21 = l[at_10 + c]
            const v_7 = -((l21 > best_6) | (l21 !== l21))
            const at_18 = at_17 ^ ((at_17 ^ row2 + 1) & v_7)
            const best_7 = l[at_18 * channels + c]
            const l22 = l[at_11 + c]
            const v_8 = -((l22 > best_7) | (l22 !== l22))
            const at_19 = at_18 ^ ((at_18 ^ row2 + 2) & v_8)
            const best_8 = l[at_19 * channels + c]
            const v_9 = Math.abs(best_8) < Infinity ? best_8 : 0
            const v_10 = Math.exp(l00 - v_9)
            const v_11 = Math.exp(l01 - v_9)
            const v_12 = Math.exp(l02 - v_9)
            const v_13 = Math.exp(l10 - v_9)
            const v_14 = Math.exp(l11 - v_9)
            const v_15 = Math.exp(l12 - v_9)
            const v_16 = Math.exp(l20 - v_9)
            const v_17 = Math.exp(l21 - v_9)
            const v_18 = Math.exp(l22 - v_9)
            // sum(exp(l))
            const sum = v_10 + v_11 + v_12 + v_13 + v_14 + v_15 + v_16 + v_17 + v_18
            const v_19 = yGrad_2 / sum
            xGrad[at_3 + c] += v_19 * v_10
            xGrad[at_4 + c] += v_19 * v_11
            xGrad[at_5 + c] += v_19 * v_12
            xGrad[at_6 + c] += v_19 * v_13
            xGrad[at_7 + c] += v_19 * v_14
            xGrad[at_8 + c] += v_19 * v_15
            xGrad[at_9 + c] += v_19 * v_16
            xGrad[at_10 + c] += v_19 * v_17
            xGrad[at_11 + c] += v_19 * v_18
            const x00 = x[at_3 + c]
            const x01 = x[at_4 + c]
            const x02 = x[at_5 + c]
            const x10 = x[at_6 + c]
            const x11 = x[at_7 + c]
            const x12 = x[at_8 + c]
            const x20 = x[at_9 + c]
            const x21 = x[at_10 + c]
            const x22 = x[at_11 + c]
            // sum(x * exp(l))
            const sum_2 = x00 * v_10 + x01 * v_11 + x02 * v_12 + x10 * v_13 + x11 * v_14 + x12 * v_15 + x20 * v_16 + x21 * v_17 + x22 * v_18
            const v_20 = sum_2 / sum
            lGrad[at_3 + c] += v_19 * ((x00 - v_20) * v_10)
            lGrad[at_4 + c] += v_19 * ((x01 - v_20) * v_11)
            lGrad[at_5 + c] += v_19 * ((x02 - v_20) * v_12)
            lGrad[at_6 + c] += v_19 * ((x10 - v_20) * v_13)
            lGrad[at_7 + c] += v_19 * ((x11 - v_20) * v_14)
            lGrad[at_8 + c] += v_19 * ((x12 - v_20) * v_15)
            lGrad[at_9 + c] += v_19 * ((x20 - v_20) * v_16)
            lGrad[at_10 + c] += v_19 * ((x21 - v_20) * v_17)
            lGrad[at_11 + c] += v_19 * ((x22 - v_20) * v_18)
          }
        }
      } else {
        rows(l, x, yGrad, xGrad, lGrad, samples, channels, height, width, outHeight, outWidth, n, inPlane, outPlane, oh, firstW, endW)
      }
    }
  }
}

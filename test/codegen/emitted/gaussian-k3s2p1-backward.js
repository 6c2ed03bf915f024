// gaussian: the gradient of mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":1,"extents":"dynamic"}
/** windows by loops over the taps that lie inside */
function border(weight, x, yGrad, sum1, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, weight_2, oh, first, end) {
  const hStart = oh * 2 - 1
  const hFrom = Math.max(0, -hStart)
  const hTo = Math.min(3, height - hStart)
  const outRow = outPlane + oh * outWidth
  for (let ow = first; ow < end; ow++) {
    const wStart = ow * 2 - 1
    const wFrom = Math.max(0, -wStart)
    const wTo = Math.min(3, width - wStart)
    // mean(x)
    let sum = 0
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      for (let tw = wFrom; tw < wTo; tw++) {
        const at = row + tw
        const x_2 = x[at]
        sum += x_2
      }
    }
    let sum_2 = 0
    const v = sum / 9
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      for (let tw = wFrom; tw < wTo; tw++) {
        const at = row + tw
        const x_2 = x[at]
        const v_2 = x_2 - v
        sum_2 += v_2 * v_2
      }
    }
    const yGrad_2 = yGrad[outRow + ow]
    sum1[plane] += yGrad_2 * Math.sqrt(Math.max((sum_2 + (9 - (Math.max(0, hTo - hFrom) * Math.max(0, wTo - wFrom))) * (v * v)) / 9, 0.000001))
    const v_2 = (sum_2 + (9 - (Math.max(0, hTo - hFrom) * Math.max(0, wTo - wFrom))) * (v * v)) / 9
    const v_3 = v_2 < 0.000001 ? 0 : yGrad_2 * weight_2 / (2 * Math.sqrt(Math.max(v_2, 0.000001))) * 2 / 9
    const v_4 = yGrad_2 / 9
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      for (let tw = wFrom; tw < wTo; tw++) {
        const at = row + tw
        const x_2 = x[at]
        xGrad[at] += v_3 * (x_2 - v) + v_4
      }
    }
  }
}
/** windows whose rows may leave the input, but not their columns */
function rows(weight, x, yGrad, sum1, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, weight_2, oh, first, end) {
  const hStart = oh * 2 - 1
  const hFrom = Math.max(0, -hStart)
  const hTo = Math.min(3, height - hStart)
  const outRow = outPlane + oh * outWidth
  for (let ow = first; ow < end; ow++) {
    const wStart = ow * 2 - 1
    const wFrom = Math.max(0, -wStart)
    const wTo = Math.min(3, width - wStart)
    // mean(x)
    let sum = 0
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      const x_2 = x[row]
      const x_3 = x[row + 1]
      const x_4 = x[row + 2]
      sum += x_2 + x_3 + x_4
    }
    let sum_2 = 0
    // mean(x)
    const v = sum / 9
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      const x_2 = x[row]
      const v_2 = x_2 - v
      const x_3 = x[row + 1]
      const v_3 = x_3 - v
      const x_4 = x[row + 2]
      const v_4 = x_4 - v
      sum_2 += v_2 * v_2 + v_3 * v_3 + v_4 * v_4
    }
    const yGrad_2 = yGrad[outRow + ow]
    sum1[plane] += yGrad_2 * Math.sqrt(Math.max((sum_2 + (9 - (Math.max(0, hTo - hFrom) * 3)) * (v * v)) / 9, 0.000001))
    const v_2 = (sum_2 + (9 - (Math.max(0, hTo - hFrom) * 3)) * (v * v)) / 9
    const v_3 = v_2 < 0.000001 ? 0 : yGrad_2 * weight_2 / (2 * Math.sqrt(Math.max(v_2, 0.000001))) * 2 / 9
    const v_4 = yGrad_2 / 9
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      const x_2 = x[row]
      xGrad[row] += v_3 * (x_2 - v) + v_4
      const x_3 = x[row + 1]
      xGrad[row + 1] += v_3 * (x_3 - v) + v_4
      const x_4 = x[row + 2]
      xGrad[row + 2] += v_3 * (x_4 - v) + v_4
    }
  }
}
export function gaussianBackward(weight, x, yGrad, sum1, xGrad, sum2, weightGrad, samples, channels, height, width, outHeight, outWidth) {
  xGrad.fill(0)
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      const weight_2 = weight[c]
      const firstH = Math.min(outHeight, 1)
      const endH = Math.max(firstH, Math.min(outHeight, Math.floor((height - 2) / 2) + 1))
      const firstW = Math.min(outWidth, 1)
      const endW = Math.max(firstW, Math.min(outWidth, Math.floor((width - 2) / 2) + 1))
      for (let oh = 0; oh < outHeight; oh++) {
        border(weight, x, yGrad, sum1, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, weight_2, oh, 0, firstW)
        border(weight, x, yGrad, sum1, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, weight_2, oh, endW, outWidth)
        if (oh >= firstH && oh < endH) {
          const outRow = outPlane + oh * outWidth
          const start = inPlane + (oh * 2 - 1) * width - 1
          let ow = firstW
          for (; ow < endW; ow++) {
            const row0 = start + ow * 2
            const row1 = start + ow * 2 + width
            const row2 = start + ow * 2 + 2 * width
            const yGrad_2 = yGrad[outRow + ow]
            const x00 = x[row0]
            const x01 = x[row0 + 1]
            const x02 = x[row0 + 2]
            const x10 = x[row1]
            const x11 = x[row1 + 1]
            const x12 = x[row1 + 2]
            const x20 = x[row2]
            const x21 = x[row2 + 1]
            const x22 = x[row2 + 2]
            // mean(x)
            const sum = x00 + x01 + x02 + x10 + x11 + x12 + x20 + x21 + x22
            const v = sum / 9
            const v_2 = x00 - v
            const v_3 = x01 - v
            const v_4 = x02 - v
            const v_5 = x10 - v
            const v_6 = x11 - v
            const v_7 = x12 - v
            const v_8 = x20 - v
            const v_9 = x21 - v
            const v_10 = x22 - v
            const sum_2 = v_2 * v_2 + v_3 * v_3 + v_4 * v_4 + v_5 * v_5 + v_6 * v_6 + v_7 * v_7 + v_8 * v_8 + v_9 * v_9 + v_10 * v_10
            const v_11 = (sum_2 + 0 * (v * v)) / 9
            const v_12 = Math.sqrt(Math.max(v_11, 0.000001))
            sum1[plane] += yGrad_2 * v_12
            const v_13 = v_11 < 0.000001 ? 0 : yGrad_2 * weight_2 / (2 * v_12) * 2 / 9
            const v_14 = yGrad_2 / 9
            xGrad[row0] += v_13 * v_2 + v_14
            xGrad[row0 + 1] += v_13 * v_3 + v_14
            xGrad[row0 + 2] += v_13 * v_4 + v_14
            xGrad[row1] += v_13 * v_5 + v_14
            xGrad[row1 + 1] += v_13 * v_6 + v_14
            xGrad[row1 + 2] += v_13 * v_7 + v_14
            xGrad[row2] += v_13 * v_8 + v_14
            xGrad[row2 + 1] += v_13 * v_9 + v_14
            xGrad[row2 + 2] += v_13 * v_10 + v_14
          }
        } else {
          rows(weight, x, yGrad, sum1, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, weight_2, oh, firstW, endW)
        }
      }
    }
  }
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      const plane = n * channels + c
      const sum1_2 = sum1[plane]
      sum2[c] += sum1_2
    }
  }
  for (let c = 0; c < channels; c++) {
    const sum2_2 = sum2[c]
    weightGrad[c] = sum2_2
  }
}

// gaussian: the gradient of mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":2,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
/** windows by loops over the taps that lie inside */
function border(x, yGrad, weightSum, xGrad, height, width, outWidth, plane, inPlane, outPlane, weight_c, oh, first, end) {
  let total = weightSum[plane]
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
    // mean(x)
    const mean = sum / 9
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      for (let tw = wFrom; tw < wTo; tw++) {
        const at = row + tw
        const x_2 = x[at]
        const d = x_2 - mean
        sum_2 += d * d
      }
    }
    const dy = yGrad[outRow + ow]
    const variance = (sum_2 + (9 - (Math.max(0, hTo - hFrom) * Math.max(0, wTo - wFrom))) * (mean * mean)) / 9
    total += dy * Math.sqrt(Math.max(variance, 0.000001))
    const chosen = variance < 0.000001 ? 0 : dy * weight_c / Math.sqrt(Math.max(variance, 0.000001)) / 9
    const share = dy / 9
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      for (let tw = wFrom; tw < wTo; tw++) {
        const at = row + tw
        const x_2 = x[at]
        xGrad[at] += chosen * (x_2 - mean) + share
      }
    }
  }
  weightSum[plane] = total
}
/** rows of windows without their first row of taps */
function windowsTop(x, yGrad, weightSum, xGrad, width, outWidth, plane, inPlane, outPlane, weight_c, first, end) {
  const endW = Math.floor((width - 2) / 2) + 1
  let total = weightSum[plane]
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh * 2 - 1) * width - 1
    let ow = 0
    {
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
      const dy = yGrad[outRow + ow]
      const x11 = x[row1 + 1]
      const x21 = x[row2 + 1]
      const x12 = x[row1 + 2]
      const x22 = x[row2 + 2]
      // mean(x)
      const sum = x11 + x21 + (x12 + x22)
      const mean = sum / 9
      const d11 = x11 - mean
      const d21 = x21 - mean
      const d12 = x12 - mean
      const d22 = x22 - mean
      const sum_2 = d11 * d11 + d21 * d21 + (d12 * d12 + d22 * d22)
      const variance = (sum_2 + 5 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row1 + 2] += chosen * d12 + share
      xGrad[row2 + 1] += chosen * d21 + share
      xGrad[row2 + 2] += chosen * d22 + share
    }
    ow++
    for (; ow < endW; ow++) {
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
      const dy = yGrad[outRow + ow]
      const x10 = x[row1]
      const x20 = x[row2]
      const x11 = x[row1 + 1]
      const x21 = x[row2 + 1]
      const x12 = x[row1 + 2]
      const x22 = x[row2 + 2]
      // mean(x)
      const sum = x10 + x20 + (x11 + x21) + (x12 + x22)
      const mean = sum / 9
      const d10 = x10 - mean
      const d20 = x20 - mean
      const d11 = x11 - mean
      const d21 = x21 - mean
      const d12 = x12 - mean
      const d22 = x22 - mean
      const sum_2 = d10 * d10 + d20 * d20 + (d11 * d11 + d21 * d21) + (d12 * d12 + d22 * d22)
      const variance = (sum_2 + 3 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row1] += chosen * d10 + share
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row1 + 2] += chosen * d12 + share
      xGrad[row2] += chosen * d20 + share
      xGrad[row2 + 1] += chosen * d21 + share
      xGrad[row2 + 2] += chosen * d22 + share
    }
    if (ow < outWidth) {
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
      const dy = yGrad[outRow + ow]
      const x10 = x[row1]
      const x20 = x[row2]
      const x11 = x[row1 + 1]
      const x21 = x[row2 + 1]
      // mean(x)
      const sum = x10 + x20 + (x11 + x21)
      const mean = sum / 9
      const d10 = x10 - mean
      const d20 = x20 - mean
      const d11 = x11 - mean
      const d21 = x21 - mean
      const sum_2 = d10 * d10 + d20 * d20 + (d11 * d11 + d21 * d21)
      const variance = (sum_2 + 5 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row1] += chosen * d10 + share
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row2] += chosen * d20 + share
      xGrad[row2 + 1] += chosen * d21 + share
    }
  }
  weightSum[plane] = total
}
/** rows of windows with all rows of taps inside */
function windows(x, yGrad, weightSum, xGrad, width, outWidth, plane, inPlane, outPlane, weight_c, first, end) {
  const endW = Math.floor((width - 2) / 2) + 1
  let total = weightSum[plane]
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh * 2 - 1) * width - 1
    let ow = 0
    {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
      const dy = yGrad[outRow + ow]
      const x01 = x[row0 + 1]
      const x11 = x[row1 + 1]
      const x21 = x[row2 + 1]
      const x02 = x[row0 + 2]
      const x12 = x[row1 + 2]
      const x22 = x[row2 + 2]
      // mean(x)
      const sum = x01 + x11 + x21 + (x02 + x12 + x22)
      const mean = sum / 9
      const d01 = x01 - mean
      const d11 = x11 - mean
      const d21 = x21 - mean
      const d02 = x02 - mean
      const d12 = x12 - mean
      const d22 = x22 - mean
      const sum_2 = d01 * d01 + d11 * d11 + d21 * d21 + (d02 * d02 + d12 * d12 + d22 * d22)
      const variance = (sum_2 + 3 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row0 + 1] += chosen * d01 + share
      xGrad[row0 + 2] += chosen * d02 + share
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row1 + 2] += chosen * d12 + share
      xGrad[row2 + 1] += chosen * d21 + share
      xGrad[row2 + 2] += chosen * d22 + share
    }
    ow++
    for (; ow < endW - 1; ow += 2) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
      const dy0 = yGrad[outRow + ow]
      const x00 = x[row0]
      const x10 = x[row1]
      const x20 = x[row2]
      const x01 = x[row0 + 1]
      const x11 = x[row1 + 1]
      const x21 = x[row2 + 1]
      const x02 = x[row0 + 2]
      const x12 = x[row1 + 2]
      const x22 = x[row2 + 2]
      const column = x02 + x12 + x22
      // mean(x)
      const sum0 = x00 + x10 + x20 + (x01 + x11 + x21) + column
      const mean0 = sum0 / 9
      const d00_0 = x00 - mean0
      const d10_0 = x10 - mean0
      const d20_0 = x20 - mean0
      const d01_0 = x01 - mean0
      const d11_0 = x11 - mean0
      const d21_0 = x21 - mean0
      const d02_0 = x02 - mean0
      const d12_0 = x12 - mean0
      const d22_0 = x22 - mean0
      const sum0_2 = d00_0 * d00_0 + d10_0 * d10_0 + d20_0 * d20_0 + (d01_0 * d01_0 + d11_0 * d11_0 + d21_0 * d21_0) + (d02_0 * d02_0 + d12_0 * d12_0 + d22_0 * d22_0)
      const variance0 = sum0_2 / 9
      const root0 = Math.sqrt(Math.max(variance0, 0.000001))
      total += dy0 * root0
      const dy1 = yGrad[outRow + ow + 1]
      const x03 = x[row0 + 3]
      const x13 = x[row1 + 3]
      const x23 = x[row2 + 3]
      const x04 = x[row0 + 4]
      const x14 = x[row1 + 4]
      const x24 = x[row2 + 4]
      const sum1 = column + (x03 + x13 + x23) + (x04 + x14 + x24)
      const mean1 = sum1 / 9
      const d00_1 = x02 - mean1
      const d10_1 = x12 - mean1
      const d20_1 = x22 - mean1
      const d01_1 = x03 - mean1
      const d11_1 = x13 - mean1
      const d21_1 = x23 - mean1
      const d02_1 = x04 - mean1
      const d12_1 = x14 - mean1
      const d22_1 = x24 - mean1
      const sum1_2 = d00_1 * d00_1 + d10_1 * d10_1 + d20_1 * d20_1 + (d01_1 * d01_1 + d11_1 * d11_1 + d21_1 * d21_1) + (d02_1 * d02_1 + d12_1 * d12_1 + d22_1 * d22_1)
      const variance1 = sum1_2 / 9
      const root1 = Math.sqrt(Math.max(variance1, 0.000001))
      total += dy1 * root1
      const chosen0 = variance0 < 0.000001 ? 0 : dy0 * weight_c / root0 / 9
      const share0 = dy0 / 9
      xGrad[row0] += chosen0 * d00_0 + share0
      xGrad[row0 + 1] += chosen0 * d01_0 + share0
      const chosen1 = variance1 < 0.000001 ? 0 : dy1 * weight_c / root1 / 9
      const share1 = dy1 / 9
      xGrad[row0 + 2] += chosen0 * d02_0 + share0 + (chosen1 * d00_1 + share1)
      xGrad[row1] += chosen0 * d10_0 + share0
      xGrad[row1 + 1] += chosen0 * d11_0 + share0
      xGrad[row1 + 2] += chosen0 * d12_0 + share0 + (chosen1 * d10_1 + share1)
      xGrad[row2] += chosen0 * d20_0 + share0
      xGrad[row2 + 1] += chosen0 * d21_0 + share0
      xGrad[row2 + 2] += chosen0 * d22_0 + share0 + (chosen1 * d20_1 + share1)
      xGrad[row0 + 3] += chosen1 * d01_1 + share1
      xGrad[row0 + 4] += chosen1 * d02_1 + share1
      xGrad[row1 + 3] += chosen1 * d11_1 + share1
      xGrad[row1 + 4] += chosen1 * d12_1 + share1
      xGrad[row2 + 3] += chosen1 * d21_1 + share1
      xGrad[row2 + 4] += chosen1 * d22_1 + share1
    }
    for (; ow < endW; ow++) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
      const dy = yGrad[outRow + ow]
      const x00 = x[row0]
      const x10 = x[row1]
      const x20 = x[row2]
      const x01 = x[row0 + 1]
      const x11 = x[row1 + 1]
      const x21 = x[row2 + 1]
      const x02 = x[row0 + 2]
      const x12 = x[row1 + 2]
      const x22 = x[row2 + 2]
      // mean(x)
      const sum = x00 + x10 + x20 + (x01 + x11 + x21) + (x02 + x12 + x22)
      const mean = sum / 9
      const d00 = x00 - mean
      const d10 = x10 - mean
      const d20 = x20 - mean
      const d01 = x01 - mean
      const d11 = x11 - mean
      const d21 = x21 - mean
      const d02 = x02 - mean
      const d12 = x12 - mean
      const d22 = x22 - mean
      const sum_2 = d00 * d00 + d10 * d10 + d20 * d20 + (d01 * d01 + d11 * d11 + d21 * d21) + (d02 * d02 + d12 * d12 + d22 * d22)
      const variance = sum_2 / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row0] += chosen * d00 + share
      xGrad[row0 + 1] += chosen * d01 + share
      xGrad[row0 + 2] += chosen * d02 + share
      xGrad[row1] += chosen * d10 + share
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row1 + 2] += chosen * d12 + share
      xGrad[row2] += chosen * d20 + share
      xGrad[row2 + 1] += chosen * d21 + share
      xGrad[row2 + 2] += chosen * d22 + share
    }
    if (ow < outWidth) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
      const dy = yGrad[outRow + ow]
      const x00 = x[row0]
      const x10 = x[row1]
      const x20 = x[row2]
      const x01 = x[row0 + 1]
      const x11 = x[row1 + 1]
      const x21 = x[row2 + 1]
      // mean(x)
      const sum = x00 + x10 + x20 + (x01 + x11 + x21)
      const mean = sum / 9
      const d00 = x00 - mean
      const d10 = x10 - mean
      const d20 = x20 - mean
      const d01 = x01 - mean
      const d11 = x11 - mean
      const d21 = x21 - mean
      const sum_2 = d00 * d00 + d10 * d10 + d20 * d20 + (d01 * d01 + d11 * d11 + d21 * d21)
      const variance = (sum_2 + 3 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row0] += chosen * d00 + share
      xGrad[row0 + 1] += chosen * d01 + share
      xGrad[row1] += chosen * d10 + share
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row2] += chosen * d20 + share
      xGrad[row2 + 1] += chosen * d21 + share
    }
  }
  weightSum[plane] = total
}
/** rows of windows without their last row of taps */
function windowsBottom(x, yGrad, weightSum, xGrad, width, outWidth, plane, inPlane, outPlane, weight_c, first, end) {
  const endW = Math.floor((width - 2) / 2) + 1
  let total = weightSum[plane]
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh * 2 - 1) * width - 1
    let ow = 0
    {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const dy = yGrad[outRow + ow]
      const x01 = x[row0 + 1]
      const x11 = x[row1 + 1]
      const x02 = x[row0 + 2]
      const x12 = x[row1 + 2]
      // mean(x)
      const sum = x01 + x11 + (x02 + x12)
      const mean = sum / 9
      const d01 = x01 - mean
      const d11 = x11 - mean
      const d02 = x02 - mean
      const d12 = x12 - mean
      const sum_2 = d01 * d01 + d11 * d11 + (d02 * d02 + d12 * d12)
      const variance = (sum_2 + 5 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row0 + 1] += chosen * d01 + share
      xGrad[row0 + 2] += chosen * d02 + share
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row1 + 2] += chosen * d12 + share
    }
    ow++
    for (; ow < endW; ow++) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const dy = yGrad[outRow + ow]
      const x00 = x[row0]
      const x10 = x[row1]
      const x01 = x[row0 + 1]
      const x11 = x[row1 + 1]
      const x02 = x[row0 + 2]
      const x12 = x[row1 + 2]
      // mean(x)
      const sum = x00 + x10 + (x01 + x11) + (x02 + x12)
      const mean = sum / 9
      const d00 = x00 - mean
      const d10 = x10 - mean
      const d01 = x01 - mean
      const d11 = x11 - mean
      const d02 = x02 - mean
      const d12 = x12 - mean
      const sum_2 = d00 * d00 + d10 * d10 + (d01 * d01 + d11 * d11) + (d02 * d02 + d12 * d12)
      const variance = (sum_2 + 3 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row0] += chosen * d00 + share
      xGrad[row0 + 1] += chosen * d01 + share
      xGrad[row0 + 2] += chosen * d02 + share
      xGrad[row1] += chosen * d10 + share
      xGrad[row1 + 1] += chosen * d11 + share
      xGrad[row1 + 2] += chosen * d12 + share
    }
    if (ow < outWidth) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const dy = yGrad[outRow + ow]
      const x00 = x[row0]
      const x10 = x[row1]
      const x01 = x[row0 + 1]
      const x11 = x[row1 + 1]
      // mean(x)
      const sum = x00 + x10 + (x01 + x11)
      const mean = sum / 9
      const d00 = x00 - mean
      const d10 = x10 - mean
      const d01 = x01 - mean
      const d11 = x11 - mean
      const sum_2 = d00 * d00 + d10 * d10 + (d01 * d01 + d11 * d11)
      const variance = (sum_2 + 5 * (mean * mean)) / 9
      const root = Math.sqrt(Math.max(variance, 0.000001))
      total += dy * root
      const chosen = variance < 0.000001 ? 0 : dy * weight_c / root / 9
      const share = dy / 9
      xGrad[row0] += chosen * d00 + share
      xGrad[row0 + 1] += chosen * d01 + share
      xGrad[row1] += chosen * d10 + share
      xGrad[row1 + 1] += chosen * d11 + share
    }
  }
  weightSum[plane] = total
}
export function gaussianBackward(weight, x, yGrad, weightSum, xGrad, weightSum2, weightGrad, samples, channels, height, width, outHeight, outWidth) {
  xGrad.fill(0)
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      const weight_c = weight[c]
      if (height < 2 || width < 2) {
        for (let oh = 0; oh < outHeight; oh++) {
          border(x, yGrad, weightSum, xGrad, height, width, outWidth, plane, inPlane, outPlane, weight_c, oh, 0, outWidth)
        }
      } else {
        windowsTop(x, yGrad, weightSum, xGrad, width, outWidth, plane, inPlane, outPlane, weight_c, 0, 1)
        windows(x, yGrad, weightSum, xGrad, width, outWidth, plane, inPlane, outPlane, weight_c, 1, Math.floor((height - 2) / 2) + 1)
        windowsBottom(x, yGrad, weightSum, xGrad, width, outWidth, plane, inPlane, outPlane, weight_c, Math.floor((height - 2) / 2) + 1, outHeight)
      }
    }
  }
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      const plane = n * channels + c
      const weightSum_2 = weightSum[plane]
      weightSum2[c] += weightSum_2
    }
  }
  for (let c = 0; c < channels; c++) {
    const weightSum2_2 = weightSum2[c]
    weightGrad[c] = weightSum2_2
  }
}

// gaussian: mean(x) + weight * sqrt(max(var(x), eps)), with eps = 0.000001
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":4,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
/** windows by loops over the taps that lie inside */
function border(x, y, height, width, outWidth, inPlane, outPlane, weight_c, oh, first, end) {
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
    const variance = (sum_2 + (9 - (Math.max(0, hTo - hFrom) * Math.max(0, wTo - wFrom))) * (mean * mean)) / 9
    y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
  }
}
/** rows of windows without their first row of taps */
function windowsTop(x, y, width, outWidth, inPlane, outPlane, weight_c, first, end) {
  const endW = Math.floor((width - 2) / 2) + 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh * 2 - 1) * width - 1
    let ow = 0
    {
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
    ow++
    for (; ow < endW; ow++) {
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
    if (ow < outWidth) {
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
  }
}
/** rows of windows with all rows of taps inside */
function windows(x, y, width, outWidth, inPlane, outPlane, weight_c, first, end) {
  const endW = Math.floor((width - 2) / 2) + 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh * 2 - 1) * width - 1
    let ow = 0
    {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
    ow++
    for (; ow < endW - 3; ow += 4) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
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
      y[outRow + ow] = mean0 + weight_c * Math.sqrt(Math.max(variance0, 0.000001))
      const x03 = x[row0 + 3]
      const x13 = x[row1 + 3]
      const x23 = x[row2 + 3]
      const x04 = x[row0 + 4]
      const x14 = x[row1 + 4]
      const x24 = x[row2 + 4]
      const column_2 = x04 + x14 + x24
      const sum1 = column + (x03 + x13 + x23) + column_2
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
      y[outRow + ow + 1] = mean1 + weight_c * Math.sqrt(Math.max(variance1, 0.000001))
      const x05 = x[row0 + 5]
      const x15 = x[row1 + 5]
      const x25 = x[row2 + 5]
      const x06 = x[row0 + 6]
      const x16 = x[row1 + 6]
      const x26 = x[row2 + 6]
      const column_3 = x06 + x16 + x26
      const sum2 = column_2 + (x05 + x15 + x25) + column_3
      const mean2 = sum2 / 9
      const d00_2 = x04 - mean2
      const d10_2 = x14 - mean2
      const d20_2 = x24 - mean2
      const d01_2 = x05 - mean2
      const d11_2 = x15 - mean2
      const d21_2 = x25 - mean2
      const d02_2 = x06 - mean2
      const d12_2 = x16 - mean2
      const d22_2 = x26 - mean2
      const sum2_2 = d00_2 * d00_2 + d10_2 * d10_2 + d20_2 * d20_2 + (d01_2 * d01_2 + d11_2 * d11_2 + d21_2 * d21_2) + (d02_2 * d02_2 + d12_2 * d12_2 + d22_2 * d22_2)
      const variance2 = sum2_2 / 9
      y[outRow + ow + 2] = mean2 + weight_c * Math.sqrt(Math.max(variance2, 0.000001))
      const x07 = x[row0 + 7]
      const x17 = x[row1 + 7]
      const x27 = x[row2 + 7]
      const x08 = x[row0 + 8]
      const x18 = x[row1 + 8]
      const x28 = x[row2 + 8]
      const sum3 = column_3 + (x07 + x17 + x27) + (x08 + x18 + x28)
      const mean3 = sum3 / 9
      const d00_3 = x06 - mean3
      const d10_3 = x16 - mean3
      const d20_3 = x26 - mean3
      const d01_3 = x07 - mean3
      const d11_3 = x17 - mean3
      const d21_3 = x27 - mean3
      const d02_3 = x08 - mean3
      const d12_3 = x18 - mean3
      const d22_3 = x28 - mean3
      const sum3_2 = d00_3 * d00_3 + d10_3 * d10_3 + d20_3 * d20_3 + (d01_3 * d01_3 + d11_3 * d11_3 + d21_3 * d21_3) + (d02_3 * d02_3 + d12_3 * d12_3 + d22_3 * d22_3)
      const variance3 = sum3_2 / 9
      y[outRow + ow + 3] = mean3 + weight_c * Math.sqrt(Math.max(variance3, 0.000001))
    }
    for (; ow < endW; ow++) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
    if (ow < outWidth) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
      const row2 = start + ow * 2 + 2 * width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
  }
}
/** rows of windows without their last row of taps */
function windowsBottom(x, y, width, outWidth, inPlane, outPlane, weight_c, first, end) {
  const endW = Math.floor((width - 2) / 2) + 1
  for (let oh = first; oh < end; oh++) {
    const outRow = outPlane + oh * outWidth
    const start = inPlane + (oh * 2 - 1) * width - 1
    let ow = 0
    {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
    ow++
    for (; ow < endW; ow++) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
    if (ow < outWidth) {
      const row0 = start + ow * 2
      const row1 = start + ow * 2 + width
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
      y[outRow + ow] = mean + weight_c * Math.sqrt(Math.max(variance, 0.000001))
    }
  }
}
export function gaussianForward(weight, x, y, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      const weight_c = weight[c]
      if (height < 2 || width < 2) {
        for (let oh = 0; oh < outHeight; oh++) {
          border(x, y, height, width, outWidth, inPlane, outPlane, weight_c, oh, 0, outWidth)
        }
      } else {
        windowsTop(x, y, width, outWidth, inPlane, outPlane, weight_c, 0, 1)
        windows(x, y, width, outWidth, inPlane, outPlane, weight_c, 1, Math.floor((height - 2) / 2) + 1)
        windowsBottom(x, y, width, outWidth, inPlane, outPlane, weight_c, Math.floor((height - 2) / 2) + 1, outHeight)
      }
    }
  }
}

// avg: mean(x)
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":4,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
/** windows by loops over the taps that lie inside */
function border(x, y, height, width, outWidth, inPlane, outPlane, oh, first, end) {
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
    y[outRow + ow] = sum / 9
  }
}
/** rows of windows without their first row of taps */
function windowsTop(x, y, width, outWidth, inPlane, outPlane, first, end) {
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
      y[outRow + ow] = sum / 9
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
      y[outRow + ow] = sum / 9
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
      y[outRow + ow] = sum / 9
    }
  }
}
/** rows of windows with all rows of taps inside */
function windows(x, y, width, outWidth, inPlane, outPlane, first, end) {
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
      y[outRow + ow] = sum / 9
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
      y[outRow + ow] = sum0 / 9
      const x03 = x[row0 + 3]
      const x13 = x[row1 + 3]
      const x23 = x[row2 + 3]
      const x04 = x[row0 + 4]
      const x14 = x[row1 + 4]
      const x24 = x[row2 + 4]
      const column_2 = x04 + x14 + x24
      const sum1 = column + (x03 + x13 + x23) + column_2
      y[outRow + ow + 1] = sum1 / 9
      const x05 = x[row0 + 5]
      const x15 = x[row1 + 5]
      const x25 = x[row2 + 5]
      const x06 = x[row0 + 6]
      const x16 = x[row1 + 6]
      const x26 = x[row2 + 6]
      const column_3 = x06 + x16 + x26
      const sum2 = column_2 + (x05 + x15 + x25) + column_3
      y[outRow + ow + 2] = sum2 / 9
      const x07 = x[row0 + 7]
      const x17 = x[row1 + 7]
      const x27 = x[row2 + 7]
      const x08 = x[row0 + 8]
      const x18 = x[row1 + 8]
      const x28 = x[row2 + 8]
      const sum3 = column_3 + (x07 + x17 + x27) + (x08 + x18 + x28)
      y[outRow + ow + 3] = sum3 / 9
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
      y[outRow + ow] = sum / 9
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
      y[outRow + ow] = sum / 9
    }
  }
}
/** rows of windows without their last row of taps */
function windowsBottom(x, y, width, outWidth, inPlane, outPlane, first, end) {
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
      y[outRow + ow] = sum / 9
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
      y[outRow + ow] = sum / 9
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
      y[outRow + ow] = sum / 9
    }
  }
}
export function avgForward(x, y, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      if (height < 2 || width < 2) {
        for (let oh = 0; oh < outHeight; oh++) {
          border(x, y, height, width, outWidth, inPlane, outPlane, oh, 0, outWidth)
        }
      } else {
        windowsTop(x, y, width, outWidth, inPlane, outPlane, 0, 1)
        windows(x, y, width, outWidth, inPlane, outPlane, 1, Math.floor((height - 2) / 2) + 1)
        windowsBottom(x, y, width, outWidth, inPlane, outPlane, Math.floor((height - 2) / 2) + 1, outHeight)
      }
    }
  }
}

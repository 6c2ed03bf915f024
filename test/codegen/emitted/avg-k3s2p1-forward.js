// avg: mean(x)
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":1,"extents":"dynamic"}
/** windows by loops over the taps that lie inside */
function border(x, y, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, first, end) {
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
/** windows whose rows may leave the input, but not their columns */
function rows(x, y, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, first, end) {
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
    y[outRow + ow] = sum / 9
  }
}
export function avgForward(x, y, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      const firstH = Math.min(outHeight, 1)
      const endH = Math.max(firstH, Math.min(outHeight, Math.floor((height - 2) / 2) + 1))
      const firstW = Math.min(outWidth, 1)
      const endW = Math.max(firstW, Math.min(outWidth, Math.floor((width - 2) / 2) + 1))
      for (let oh = 0; oh < outHeight; oh++) {
        border(x, y, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, 0, firstW)
        border(x, y, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, endW, outWidth)
        if (oh >= firstH && oh < endH) {
          const outRow = outPlane + oh * outWidth
          const start = inPlane + (oh * 2 - 1) * width - 1
          let ow = firstW
          for (; ow < endW; ow++) {
            const row0 = start + ow * 2
            const row1 = start + ow * 2 + width
            const row2 = start + ow * 2 + 2 * width
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
            y[outRow + ow] = sum / 9
          }
        } else {
          rows(x, y, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, firstW, endW)
        }
      }
    }
  }
}

// avg: the gradient of mean(x)
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"scatter","saved":[],"unroll":"all","outputsPerThread":1,"extents":"dynamic"}
/** windows by loops over the taps that lie inside */
function border(yGrad, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, first, end) {
  const hStart = oh * 2 - 1
  const hFrom = Math.max(0, -hStart)
  const hTo = Math.min(3, height - hStart)
  const outRow = outPlane + oh * outWidth
  for (let ow = first; ow < end; ow++) {
    const wStart = ow * 2 - 1
    const wFrom = Math.max(0, -wStart)
    const wTo = Math.min(3, width - wStart)
    const yGrad_2 = yGrad[outRow + ow]
    const v = 0.1111111111111111 * yGrad_2
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      for (let tw = wFrom; tw < wTo; tw++) {
        const at = row + tw
        xGrad[at] += v
      }
    }
  }
}
/** windows whose rows may leave the input, but not their columns */
function rows(yGrad, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, first, end) {
  const hStart = oh * 2 - 1
  const hFrom = Math.max(0, -hStart)
  const hTo = Math.min(3, height - hStart)
  const outRow = outPlane + oh * outWidth
  for (let ow = first; ow < end; ow++) {
    const wStart = ow * 2 - 1
    const wFrom = Math.max(0, -wStart)
    const wTo = Math.min(3, width - wStart)
    const yGrad_2 = yGrad[outRow + ow]
    const v = 0.1111111111111111 * yGrad_2
    for (let th = hFrom; th < hTo; th++) {
      const row = inPlane + (hStart + th) * width + wStart
      xGrad[row] += v
      xGrad[row + 1] += v
      xGrad[row + 2] += v
    }
  }
}
export function avgBackward(yGrad, xGrad, samples, channels, height, width, outHeight, outWidth) {
  xGrad.fill(0)
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      const firstH = Math.min(outHeight, 1)
      const endH = Math.max(firstH, Math.min(outHeight, Math.floor((height - 2) / 2) + 1))
      const firstW = Math.min(outWidth, 1)
      const endW = Math.max(firstW, Math.min(outWidth, Math.floor((width - 2) / 2) + 1))
      for (let oh = 0; oh < outHeight; oh++) {
        border(yGrad, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, 0, firstW)
        border(yGrad, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, endW, outWidth)
        if (oh >= firstH && oh < endH) {
          const outRow = outPlane + oh * outWidth
          const start = inPlane + (oh * 2 - 1) * width - 1
          let ow = firstW
          for (; ow < endW; ow++) {
            const row0 = start + ow * 2
            const row1 = start + ow * 2 + width
            const row2 = start + ow * 2 + 2 * width
            const yGrad_2 = yGrad[outRow + ow]
            const v = 0.1111111111111111 * yGrad_2
            xGrad[row0] += v
            xGrad[row0 + 1] += v
            xGrad[row0 + 2] += v
            xGrad[row1] += v
            xGrad[row1 + 1] += v
            xGrad[row1 + 2] += v
            xGrad[row2] += v
            xGrad[row2 + 1] += v
            xGrad[row2 + 2] += v
          }
        } else {
          rows(yGrad, xGrad, samples, channels, height, width, outHeight, outWidth, n, c, plane, inPlane, outPlane, oh, firstW, endW)
        }
      }
    }
  }
}

// avg: the gradient of mean(x)
// window 3x3, stride 2, padding 1 (counted: divisor 9); float32, channels-first
// schedule: {"phases":"plane","saved":[],"unroll":"all","outputsPerThread":4,"rows":1,"fold":"columns","extrema":"keys","shift":"window","border":"written","split":1,"turn":1,"extents":"dynamic"}
/** rows of elements with all their covers */
function elements0(yGrad, xGrad, width, outWidth, inPlane, outPlane, first, end) {
  const endBlock = Math.min(outWidth, Math.floor((width + 1) / 2))
  for (let qH = first; qH < end; qH++) {
    const row = inPlane + (qH * 2 + 1) * width - 1
    const window0 = qH * outWidth
    const window1 = (qH + 1) * outWidth
    {
      const dy00 = yGrad[outPlane + window0]
      const dy10 = yGrad[outPlane + window1]
      xGrad[row + 1] = (dy00 + dy10) / 9
    }
    let q = 1
    for (; q < endBlock - 3; q += 4) {
      const dy00 = yGrad[outPlane + window0 + q - 1]
      const dy10 = yGrad[outPlane + window1 + q - 1]
      const dy01 = yGrad[outPlane + window0 + q]
      const dy11 = yGrad[outPlane + window1 + q]
      const column = dy01 + dy11
      xGrad[row + q * 2] = (dy00 + dy10 + column) / 9
      xGrad[row + q * 2 + 1] = column / 9
      const dy02 = yGrad[outPlane + window0 + q + 1]
      const dy12 = yGrad[outPlane + window1 + q + 1]
      const column_2 = dy02 + dy12
      xGrad[row + q * 2 + 2] = (column + column_2) / 9
      xGrad[row + q * 2 + 3] = column_2 / 9
      const dy03 = yGrad[outPlane + window0 + q + 2]
      const dy13 = yGrad[outPlane + window1 + q + 2]
      const column_3 = dy03 + dy13
      xGrad[row + q * 2 + 4] = (column_2 + column_3) / 9
      xGrad[row + q * 2 + 5] = column_3 / 9
      const dy04 = yGrad[outPlane + window0 + q + 3]
      const dy14 = yGrad[outPlane + window1 + q + 3]
      const column_4 = dy04 + dy14
      xGrad[row + q * 2 + 6] = (column_3 + column_4) / 9
      xGrad[row + q * 2 + 7] = column_4 / 9
    }
    for (; q < endBlock; q++) {
      const dy00 = yGrad[outPlane + window0 + q - 1]
      const dy10 = yGrad[outPlane + window1 + q - 1]
      const dy01 = yGrad[outPlane + window0 + q]
      const dy11 = yGrad[outPlane + window1 + q]
      const column = dy01 + dy11
      xGrad[row + q * 2] = (dy00 + dy10 + column) / 9
      xGrad[row + q * 2 + 1] = column / 9
    }
    for (; q * 2 - 1 < width; q++) {
      const past = q - outWidth + 1
      if (past <= 0) {
        {
          const dy00 = yGrad[outPlane + window0 + q - 1]
          const dy10 = yGrad[outPlane + window1 + q - 1]
          const dy01 = yGrad[outPlane + window0 + q]
          const dy11 = yGrad[outPlane + window1 + q]
          xGrad[row + q * 2] = (dy00 + dy10 + (dy01 + dy11)) / 9
        }
        if (q * 2 < width) {
          const dy00 = yGrad[outPlane + window0 + q]
          const dy10 = yGrad[outPlane + window1 + q]
          xGrad[row + q * 2 + 1] = (dy00 + dy10) / 9
        }
      } else {
        {
          const dy00 = yGrad[outPlane + window0 + q - 1]
          const dy10 = yGrad[outPlane + window1 + q - 1]
          xGrad[row + q * 2] = (dy00 + dy10) / 9
        }
        if (q * 2 < width) {
          xGrad[row + q * 2 + 1] = 0
        }
      }
    }
  }
}
/** rows of elements that some windows would cover from outside the output */
function elements0Bottom(yGrad, xGrad, width, outWidth, inPlane, outPlane, first, end) {
  const endBlock = Math.min(outWidth, Math.floor((width + 1) / 2))
  for (let qH = first; qH < end; qH++) {
    const row = inPlane + (qH * 2 + 1) * width - 1
    const window0 = qH * outWidth
    {
      const dy00 = yGrad[outPlane + window0]
      xGrad[row + 1] = dy00 / 9
    }
    let q = 1
    for (; q < endBlock; q++) {
      const dy00 = yGrad[outPlane + window0 + q - 1]
      const dy01 = yGrad[outPlane + window0 + q]
      xGrad[row + q * 2] = (dy00 + dy01) / 9
      xGrad[row + q * 2 + 1] = dy01 / 9
    }
    for (; q * 2 - 1 < width; q++) {
      const past = q - outWidth + 1
      if (past <= 0) {
        {
          const dy00 = yGrad[outPlane + window0 + q - 1]
          const dy01 = yGrad[outPlane + window0 + q]
          xGrad[row + q * 2] = (dy00 + dy01) / 9
        }
        if (q * 2 < width) {
          const dy00 = yGrad[outPlane + window0 + q]
          xGrad[row + q * 2 + 1] = dy00 / 9
        }
      } else {
        {
          const dy00 = yGrad[outPlane + window0 + q - 1]
          xGrad[row + q * 2] = dy00 / 9
        }
        if (q * 2 < width) {
          xGrad[row + q * 2 + 1] = 0
        }
      }
    }
  }
}
export function avgBackward(yGrad, xGrad, samples, channels, height, width, outHeight, outWidth) {
  for (let n = 0, plane = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++, plane++) {
      const inPlane = plane * (height * width), outPlane = plane * (outHeight * outWidth)
      elements0(yGrad, xGrad, width, outWidth, inPlane, outPlane, 0, Math.min(Math.ceil((height - 1) / 2), outHeight - 1))
      elements0Bottom(yGrad, xGrad, width, outWidth, inPlane, outPlane, Math.min(Math.ceil((height - 1) / 2), outHeight - 1), Math.ceil((height - 1) / 2))
      {
        const endBlock = Math.min(outWidth, Math.floor((width + 1) / 2))
        for (let qH = 0; qH < Math.ceil(height / 2); qH++) {
          const row = inPlane + qH * 2 * width - 1
          const window0 = qH * outWidth
          {
            const dy00 = yGrad[outPlane + window0]
            xGrad[row + 1] = dy00 / 9
          }
          let q = 1
          for (; q < endBlock - 3; q += 4) {
            const dy00 = yGrad[outPlane + window0 + q - 1]
            const dy01 = yGrad[outPlane + window0 + q]
            xGrad[row + q * 2] = (dy00 + dy01) / 9
            xGrad[row + q * 2 + 1] = dy01 / 9
            const dy02 = yGrad[outPlane + window0 + q + 1]
            xGrad[row + q * 2 + 2] = (dy01 + dy02) / 9
            xGrad[row + q * 2 + 3] = dy02 / 9
            const dy03 = yGrad[outPlane + window0 + q + 2]
            xGrad[row + q * 2 + 4] = (dy02 + dy03) / 9
            xGrad[row + q * 2 + 5] = dy03 / 9
            const dy04 = yGrad[outPlane + window0 + q + 3]
            xGrad[row + q * 2 + 6] = (dy03 + dy04) / 9
            xGrad[row + q * 2 + 7] = dy04 / 9
          }
          for (; q < endBlock; q++) {
            const dy00 = yGrad[outPlane + window0 + q - 1]
            const dy01 = yGrad[outPlane + window0 + q]
            xGrad[row + q * 2] = (dy00 + dy01) / 9
            xGrad[row + q * 2 + 1] = dy01 / 9
          }
          for (; q * 2 - 1 < width; q++) {
            const past = q - outWidth + 1
            if (past <= 0) {
              {
                const dy00 = yGrad[outPlane + window0 + q - 1]
                const dy01 = yGrad[outPlane + window0 + q]
                xGrad[row + q * 2] = (dy00 + dy01) / 9
              }
              if (q * 2 < width) {
                const dy00 = yGrad[outPlane + window0 + q]
                xGrad[row + q * 2 + 1] = dy00 / 9
              }
            } else {
              {
                const dy00 = yGrad[outPlane + window0 + q - 1]
                xGrad[row + q * 2] = dy00 / 9
              }
              if (q * 2 < width) {
                xGrad[row + q * 2 + 1] = 0
              }
            }
          }
        }
      }
    }
  }
}

/**
 * Code of one's own, to be timed beside Poolwright's: means of windows by a table of sums, in which every window costs four
 * look-ups, whatever its size.
 *
 *     npx poolwright bench avg --kernel 7 --stride 1 --input 8,64,56,56 --peer examples/peer.js
 */

/** @type {import('poolwright').Peer} */
export const peer = {
  name: 'summed-area',
  notes: ['a table of sums in float64, made anew for each plane of each call'],
  prepare({ operator, direction, geometry, inputs: { x } }) {
    if (operator !== 'avg' || direction !== 'forward') throw new Error(`it has the forward pass of avg, and no ${operator}`)
    if (geometry.kind !== 'sliding' || geometry.dims !== 2 || geometry.axes.some(({ low, high }) => low + high > 0))
      throw new Error('it has windows of two dimensions without padding')
    const [rows, columns] = geometry.axes
    const [samples, channels, height, width] = x.shape
    const outHeight = Math.floor((height - rows.kernel) / rows.stride) + 1
    const outWidth = Math.floor((width - columns.kernel) / columns.stride) + 1
    const sums = new Float64Array((height + 1) * (width + 1))
    const y = new Float32Array(samples * channels * outHeight * outWidth)
    const taps = rows.kernel * columns.kernel

    const run = () => {
      for (let plane = 0; plane < samples * channels; plane++) {
        for (let h = 0; h < height; h++) {
          let row = 0
          for (let w = 0; w < width; w++) {
            row += x.data[(plane * height + h) * width + w]
            sums[(h + 1) * (width + 1) + w + 1] = sums[h * (width + 1) + w + 1] + row
          }
        }
        for (let oh = 0; oh < outHeight; oh++) {
          const top = oh * rows.stride * (width + 1)
          const bottom = top + rows.kernel * (width + 1)
          for (let ow = 0; ow < outWidth; ow++) {
            const left = ow * columns.stride
            const right = left + columns.kernel
            const sum = sums[bottom + right] - sums[bottom + left] - sums[top + right] + sums[top + left]
            y[(plane * outHeight + oh) * outWidth + ow] = sum / taps
          }
        }
      }
    }
    return { run, results: () => ({ y }), dispose: () => {} }
  },
}

/** From one layout to the other: peers have their own, and are handed tensors in it. */

/** N, C, P to N, P, C, or back with the last two exchanged. */
export const exchange = (data: Float32Array, samples: number, rows: number, columns: number): Float32Array => {
  const turned = new Float32Array(data.length)
  for (let n = 0; n < samples; n++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) turned[(n * columns + c) * rows + r] = data[(n * rows + r) * columns + c] ?? Number.NaN
  return turned
}

/**
 * Small matrices on the host, a row a sample: what follows a global average is of so few numbers that a device would spend its
 * time on being asked. In double, so that no digit is lost between two kernels.
 */
export interface Rows {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

export const zeros = (rows: number, columns: number): Rows => ({ rows, columns, data: new Float64Array(rows * columns) })

/** The same shape with another value for each. */
export const mapRows = ({ rows, columns, data }: Rows, value: (x: number, k: number) => number): Rows => ({
  rows,
  columns,
  data: data.map(value),
})

/** The sum of each column. */
export const columnSums = ({ rows, columns, data }: Rows): Float64Array => {
  const sums = new Float64Array(columns)
  for (let n = 0; n < rows; n++) for (let c = 0; c < columns; c++) sums[c]! += data[n * columns + c]!
  return sums
}

/** x w^T + b, where w has a row for each column of the result. */
export const linear = (x: Rows, weight: Float32Array, bias: Float32Array): Rows => {
  const made = zeros(x.rows, bias.length)
  for (let n = 0; n < x.rows; n++)
    for (let o = 0; o < bias.length; o++) {
      let sum = bias[o]!
      for (let c = 0; c < x.columns; c++) sum += x.data[n * x.columns + c]! * weight[o * x.columns + c]!
      made.data[n * bias.length + o] = sum
    }
  return made
}

/** The gradients of {@link linear}, given that of its result. */
export const linearGradients = (x: Rows, weight: Float32Array, cotangent: Rows) => {
  const dx = zeros(x.rows, x.columns)
  const dWeight = new Float64Array(weight.length)
  for (let n = 0; n < x.rows; n++)
    for (let o = 0; o < cotangent.columns; o++) {
      const d = cotangent.data[n * cotangent.columns + o]!
      for (let c = 0; c < x.columns; c++) {
        dx.data[n * x.columns + c]! += d * weight[o * x.columns + c]!
        dWeight[o * x.columns + c]! += d * x.data[n * x.columns + c]!
      }
    }
  return { x: dx, weight: dWeight, bias: columnSums(cotangent) }
}

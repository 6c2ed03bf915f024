/**
 * The loop that anybody would write first, as the mark that generated kernels are measured against: nested over sample,
 * channel, window and tap; bounds tested at each tap; sums in locals; geometry as arguments; a backward pass that starts
 * from the input and the cotangent alone. Float32Array in and out, channels first, padding counted in the mean's divisor.
 * It is also what the peers' results are compared with, and is itself tested against numbers worked out by hand.
 */

/** Outputs along one dimension. */
export const outputs = (extent: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((extent + 2 * padding - kernel) / stride) + 1

export function maxForward(
  x: Float32Array,
  y: Float32Array,
  samples: number,
  channels: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): void {
  const outHeight = outputs(height, kernel, stride, padding)
  const outWidth = outputs(width, kernel, stride, padding)
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let oh = 0; oh < outHeight; oh++) {
        for (let ow = 0; ow < outWidth; ow++) {
          let max = -Infinity
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                const value = x[((n * channels + c) * height + h) * width + w]!
                if (value > max || Number.isNaN(value)) max = value
              }
            }
          }
          y[((n * channels + c) * outHeight + oh) * outWidth + ow] = max
        }
      }
    }
  }
}

export function maxBackward(
  x: Float32Array,
  cotangent: Float32Array,
  gradient: Float32Array,
  samples: number,
  channels: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): void {
  const outHeight = outputs(height, kernel, stride, padding)
  const outWidth = outputs(width, kernel, stride, padding)
  gradient.fill(0)
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let oh = 0; oh < outHeight; oh++) {
        for (let ow = 0; ow < outWidth; ow++) {
          let max = -Infinity
          let at = -1
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                const index = ((n * channels + c) * height + h) * width + w
                const value = x[index]!
                if (at < 0 || value > max || Number.isNaN(value)) {
                  max = value
                  at = index
                }
              }
            }
          }
          gradient[at]! += cotangent[((n * channels + c) * outHeight + oh) * outWidth + ow]!
        }
      }
    }
  }
}

export function avgForward(
  x: Float32Array,
  y: Float32Array,
  samples: number,
  channels: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): void {
  const outHeight = outputs(height, kernel, stride, padding)
  const outWidth = outputs(width, kernel, stride, padding)
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let oh = 0; oh < outHeight; oh++) {
        for (let ow = 0; ow < outWidth; ow++) {
          let sum = 0
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) sum += x[((n * channels + c) * height + h) * width + w]!
            }
          }
          y[((n * channels + c) * outHeight + oh) * outWidth + ow] = sum / (kernel * kernel)
        }
      }
    }
  }
}

export function avgBackward(
  cotangent: Float32Array,
  gradient: Float32Array,
  samples: number,
  channels: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): void {
  const outHeight = outputs(height, kernel, stride, padding)
  const outWidth = outputs(width, kernel, stride, padding)
  gradient.fill(0)
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let oh = 0; oh < outHeight; oh++) {
        for (let ow = 0; ow < outWidth; ow++) {
          const share = cotangent[((n * channels + c) * outHeight + oh) * outWidth + ow]! / (kernel * kernel)
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                gradient[((n * channels + c) * height + h) * width + w]! += share
              }
            }
          }
        }
      }
    }
  }
}

/** `mean(x) + weight * sqrt(max(var(x), eps))`, `weight` one value a channel; the variance centred in a second sweep. */
export function gaussianForward(
  x: Float32Array,
  weight: Float32Array,
  y: Float32Array,
  eps: number,
  samples: number,
  channels: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): void {
  const outHeight = outputs(height, kernel, stride, padding)
  const outWidth = outputs(width, kernel, stride, padding)
  const size = kernel * kernel
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let oh = 0; oh < outHeight; oh++) {
        for (let ow = 0; ow < outWidth; ow++) {
          let sum = 0
          let count = 0
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                sum += x[((n * channels + c) * height + h) * width + w]!
                count++
              }
            }
          }
          const mean = sum / size
          let squares = (size - count) * mean * mean
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                const centred = x[((n * channels + c) * height + h) * width + w]! - mean
                squares += centred * centred
              }
            }
          }
          y[((n * channels + c) * outHeight + oh) * outWidth + ow] = mean + weight[c]! * Math.sqrt(Math.max(squares / size, eps))
        }
      }
    }
  }
}

export function gaussianBackward(
  x: Float32Array,
  weight: Float32Array,
  cotangent: Float32Array,
  gradient: Float32Array,
  weightGradient: Float32Array,
  eps: number,
  samples: number,
  channels: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): void {
  const outHeight = outputs(height, kernel, stride, padding)
  const outWidth = outputs(width, kernel, stride, padding)
  const size = kernel * kernel
  gradient.fill(0)
  weightGradient.fill(0)
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      let weightSum = 0
      for (let oh = 0; oh < outHeight; oh++) {
        for (let ow = 0; ow < outWidth; ow++) {
          let sum = 0
          let count = 0
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                sum += x[((n * channels + c) * height + h) * width + w]!
                count++
              }
            }
          }
          const mean = sum / size
          let squares = (size - count) * mean * mean
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                const centred = x[((n * channels + c) * height + h) * width + w]! - mean
                squares += centred * centred
              }
            }
          }
          const variance = squares / size
          const deviation = Math.sqrt(Math.max(variance, eps))
          const g = cotangent[((n * channels + c) * outHeight + oh) * outWidth + ow]!
          weightSum += g * deviation
          const share = g / size
          const slope = variance >= eps ? (g * weight[c]!) / (size * deviation) : 0
          for (let kh = 0; kh < kernel; kh++) {
            for (let kw = 0; kw < kernel; kw++) {
              const h = oh * stride - padding + kh
              const w = ow * stride - padding + kw
              if (h >= 0 && h < height && w >= 0 && w < width) {
                const index = ((n * channels + c) * height + h) * width + w
                gradient[index]! += share + slope * (x[index]! - mean)
              }
            }
          }
        }
      }
      weightGradient[c]! += weightSum
    }
  }
}

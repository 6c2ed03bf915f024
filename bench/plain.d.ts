/** What `plain.js` holds; that file stays JavaScript, to be read and timed exactly as it stands. */

/** Samples, channels, height, width, kernel size, stride, padding. */
type Sizes = [samples: number, channels: number, height: number, width: number, kernel: number, stride: number, padding: number]

export declare const outputs: (extent: number, kernel: number, stride: number, padding: number) => number
export declare const maxForward: (x: Float32Array, y: Float32Array, ...sizes: Sizes) => void
export declare const maxBackward: (x: Float32Array, cotangent: Float32Array, gradient: Float32Array, ...sizes: Sizes) => void
export declare const avgForward: (x: Float32Array, y: Float32Array, ...sizes: Sizes) => void
export declare const avgBackward: (cotangent: Float32Array, gradient: Float32Array, ...sizes: Sizes) => void
export declare const gaussianForward: (
  x: Float32Array,
  weight: Float32Array,
  y: Float32Array,
  eps: number,
  ...sizes: Sizes
) => void
export declare const gaussianBackward: (
  x: Float32Array,
  weight: Float32Array,
  cotangent: Float32Array,
  gradient: Float32Array,
  weightGradient: Float32Array,
  eps: number,
  ...sizes: Sizes
) => void

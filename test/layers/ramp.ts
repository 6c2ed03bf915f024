/** Numbers of either sign without a pattern that windows could share. */
export const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, k) => Math.sin(1 + 1.7 * k) * 2)

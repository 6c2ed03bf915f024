/** The extents of launches, and what of them no device takes: the driver refuses it with one word, 'invalid value'. */
import { LaunchError } from './errors.ts'

export type Extents = readonly [x: number, y: number, z: number]

const most = { grid: [2 ** 31 - 1, 65_535, 65_535], block: [1024, 1024, 64] } as const

/** The most threads of a block, on any device and of any kernel. */
export const mostThreads = 1024

const check = (what: keyof typeof most, extents: Extents): void => {
  if (extents.length !== 3 || extents.some((one, k) => !Number.isInteger(one) || one < 1 || one > most[what][k]!))
    throw new LaunchError(`a ${what} of ${extents.join(' x ')}: each extent is an integer from 1 to ${most[what].join(', ')}`)
}

/**
 * @param maxThreads - of a block of this kernel: what its registers and launch bounds leave
 * @throws LaunchError
 */
export const checkExtents = (kernel: string, grid: Extents, block: Extents, maxThreads: number): void => {
  check('grid', grid)
  check('block', block)
  const threads = block[0] * block[1] * block[2]
  if (threads > maxThreads)
    throw new LaunchError(
      `a block of ${threads} threads: kernel ${kernel} takes at most ${maxThreads}, by its registers or __launch_bounds__`,
    )
}

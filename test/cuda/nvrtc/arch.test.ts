/** The architecture chosen for a device, out of those that compilers know. */
import { describe, expect, it } from 'vitest'
import { chooseArch } from '../../../runtime/cuda/nvrtc/arch.ts'

const cuda11 = [35, 37, 50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 89, 90]
const cuda13 = [75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121]

describe('chooseArch', () => {
  it.each([
    ['its own', 86, cuda13, { arch: 86 }],
    ['a lower one of its major number', 89, [75, 80, 86], { arch: 86 }],
    ['none of another major number: PTX', 90, [75, 80, 86], { arch: 86, ptxOnly: true }],
    ['PTX for what is newer than the compiler', 120, cuda11, { arch: 90, ptxOnly: true }],
    ['not a system on a chip for a card', 89, [80, 87], { arch: 80 }],
    ['not a card for a system on a chip', 87, [75, 80, 86], { arch: 86, ptxOnly: true }],
    ['a system on a chip for itself', 87, cuda11, { arch: 87 }],
    ['in any order', 89, [86, 75, 80], { arch: 86 }],
    ['the usual one without a device', undefined, cuda13, { arch: 80 }],
    ['the next before the usual one', undefined, [70, 75, 90], { arch: 75 }],
    ['whatever there is', undefined, [90, 100], { arch: 90 }],
  ])('%s', (_, device, supported, expected) => {
    expect(chooseArch(device, supported)).toEqual(expected)
  })

  it('refuses a device that is too old, and a compiler that knows nothing', () => {
    expect(() => chooseArch(70, cuda13)).toThrow('sm_75 and later, and the device is sm_70')
    expect(() => chooseArch(undefined, [])).toThrow('no architecture')
    expect(() => chooseArch(80, [])).toThrow('no architecture')
  })
})

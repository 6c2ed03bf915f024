/** Geometry: what is accepted, what is refused and why, and output sizes against PyTorch's and against enumeration. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GeometryError } from '../../dsl/errors.ts'
import { describeGeometry, type GeometryOptions, normaliseGeometry, outputSize } from '../../dsl/geometry.ts'
import { joinShape, splitShape } from '../../dsl/layout.ts'

const size = (options: GeometryOptions, ...extents: number[]): number[] =>
  outputSize(normaliseGeometry({ dims: extents.length, ...options }), extents)

describe('normaliseGeometry', () => {
  it('spreads single numbers and takes PyTorch defaults', () => {
    expect(normaliseGeometry({ dims: 2, kernelSize: 3 })).toEqual({
      dims: 2,
      layout: 'channels-first',
      kind: 'sliding',
      axes: [
        { kernel: 3, stride: 3, low: 0, high: 0, dilation: 1 },
        { kernel: 3, stride: 3, low: 0, high: 0, dilation: 1 },
      ],
      ceilMode: false,
      countIncludePad: true,
      divisorOverride: null,
    })
  })

  it('takes the dimensions from a list, from dims, or from the rank of the input', () => {
    expect(normaliseGeometry({ kernelSize: 3, stride: [1, 2, 3] }).dims).toBe(3)
    expect(normaliseGeometry({ kernelSize: [4] }).dims).toBe(1)
    expect(normaliseGeometry({ kernelSize: 3 }, 4).dims).toBe(2)
    expect(normaliseGeometry({ global: true, layout: 'channels-last' }, 3)).toEqual({
      dims: 1,
      layout: 'channels-last',
      kind: 'global',
    })
    expect(normaliseGeometry({ outputSize: 2, dims: 2 })).toMatchObject({ kind: 'adaptive', outputSize: [2, 2] })
  })

  it('keeps both sides of the padding', () => {
    const made = normaliseGeometry({ kernelSize: [3, 5], padding: [[0, 1], 2] })
    expect(made).toMatchObject({
      axes: [
        { low: 0, high: 1 },
        { low: 2, high: 2 },
      ],
    })
  })

  it('accepts padding of half the dilated kernel', () => {
    expect(normaliseGeometry({ kernelSize: [3], dilation: [2], padding: [2] })).toMatchObject({ axes: [{ low: 2 }] })
    expect(normaliseGeometry({ kernelSize: [2], padding: [1] })).toMatchObject({ axes: [{ low: 1 }] })
  })

  const refused: [what: string, options: GeometryOptions, message: RegExp][] = [
    ['no dimensions', { kernelSize: 3 }, /number of spatial dimensions is unknown: give dims/],
    ['lists that differ', { kernelSize: [3, 3], stride: [1, 1, 1] }, /kernelSize lists 2, but stride lists 3/],
    ['a list that dims contradicts', { kernelSize: [3, 3], dims: 3 }, /kernelSize lists 2, but dims is 3/],
    ['four dimensions', { kernelSize: [3, 3, 3, 3] }, /1, 2 or 3 spatial dimensions, but kernelSize lists 4/],
    ['an empty list', { kernelSize: [] }, /1, 2 or 3 spatial dimensions/],
    ['no windows', { dims: 2 }, /windows are unknown: give kernelSize/],
    ['a kernel of 0', { kernelSize: [0] }, /kernelSize must be an integer from 1 to 2147483647, but is 0/],
    ['a fraction of a stride', { kernelSize: [3], stride: 1.5 }, /stride must be an integer .* is 1.5/],
    ['a stride of 0', { kernelSize: [3], stride: 0 }, /stride must be an integer/],
    ['dilation of NaN', { kernelSize: [3], dilation: Number.NaN }, /dilation must be an integer .* is NaN/],
    ['negative padding', { kernelSize: [3], padding: -1 }, /padding must be an integer of at least 0, but is -1 for the width/],
    [
      'too much padding',
      { kernelSize: [3, 4], padding: [2, 0] },
      /padding 2 of the height is more than half the kernel of 3; give at most 1/,
    ],
    ['too much padding on one side', { kernelSize: [3], padding: [[0, 2]] }, /padding 2 of the width/],
    [
      'too much padding, dilated',
      { kernelSize: [3], dilation: 2, padding: 3 },
      /kernel of 3 with dilation 2, which spans 5; give at most 2/,
    ],
    ['three numbers for a side', { kernelSize: [3], padding: [[1, 1, 1] as unknown as [number, number]] }, /pair \[low, high\]/],
    ['a divisor of 0', { kernelSize: [3], divisorOverride: 0 }, /divisorOverride .* other than 0, but is 0/],
    ['an infinite divisor', { kernelSize: [3], divisorOverride: Number.POSITIVE_INFINITY }, /divisorOverride must be a finite/],
    ['too many taps', { kernelSize: [2 ** 16, 2 ** 16] }, /65536x65536 has 4294967296 taps/],
    ['too wide a window', { kernelSize: [2 ** 30], dilation: 4 }, /reaches over/],
    ['two kinds of windows', { outputSize: [3], global: true }, /exclude each other/],
    ['adaptive with stride', { outputSize: [3], stride: 2 }, /stride and outputSize exclude each other/],
    ['adaptive with a kernel', { outputSize: [3], kernelSize: 2 }, /kernelSize and outputSize exclude/],
    ['global with padding counted', { global: true, dims: 1, countIncludePad: true }, /countIncludePad and global exclude/],
    ['global in ceil mode', { global: true, dims: 1, ceilMode: false }, /ceilMode and global exclude/],
    [
      'an unknown layout',
      { kernelSize: [3], layout: 'nhwc' as 'channels-last' },
      /layout is 'channels-first' or 'channels-last', but is "nhwc"/,
    ],
  ]
  it.each(refused)('refuses %s', (_, options, message) => {
    expect(() => normaliseGeometry(options)).toThrow(GeometryError)
    expect(() => normaliseGeometry(options)).toThrow(message)
  })

  it('refuses an input of another rank, naming both', () => {
    expect(() => normaliseGeometry({ kernelSize: [3, 3] }, 5)).toThrow(/kernelSize lists 2, but an input of rank 5 has 3/)
  })

  it('takes null for no divisor beside global', () => {
    expect(normaliseGeometry({ global: true, dims: 2, divisorOverride: null }).kind).toBe('global')
  })
})

describe('outputSize', () => {
  it.each([
    // PyTorch's own results.
    [{ kernelSize: 3, stride: 2, padding: 1, ceilMode: true }, [4], [3]],
    [{ kernelSize: 1, stride: 3, ceilMode: true }, [3], [1]],
    [{ kernelSize: 2, stride: 2, ceilMode: true }, [5], [3]],
    [{ kernelSize: 2, stride: 3, ceilMode: true }, [4], [2]],
    [{ kernelSize: 3, stride: 2, padding: 1 }, [7, 8], [4, 4]],
    [{ kernelSize: 3, stride: 1, dilation: 2 }, [7], [3]],
    [{ kernelSize: 5 }, [11, 10, 25], [2, 2, 5]],
    [{ global: true }, [7, 9], [1, 1]],
  ] satisfies [GeometryOptions, number[], number[]][])('%j on %j is %j', (options, extents, wanted) => {
    expect(size(options, ...extents)).toEqual(wanted)
  })

  it('uses both sides of the padding', () => {
    expect(size({ kernelSize: 3, stride: 1, padding: [[0, 1]] }, 5)).toEqual([4])
    expect(size({ kernelSize: 3, stride: 1, padding: [[1, 0]] }, 5)).toEqual([4])
  })

  it('drops a last window of ceil mode that starts beyond input and low padding', () => {
    // Its start is measured against the low padding alone.
    expect(size({ kernelSize: 2, stride: 2, padding: [[0, 1]], ceilMode: true }, 4)).toEqual([2])
  })

  it('gives adaptive outputs as asked for, even more than there are elements', () => {
    expect(size({ outputSize: [3, 9] }, 7, 4)).toEqual([3, 9])
  })

  it.each([
    [{ kernelSize: 3 }, [2], /window of 3 \(kernel 3, dilation 1\) does not fit the width of 2 .* use a smaller kernel/],
    [{ kernelSize: [2, 2] }, [4], /has 2 spatial dimensions, but the input has 1/],
    [{ kernelSize: 1 }, [0], /width must be an integer from 1/],
    [{ kernelSize: [1, 1] }, [1.5, 2], /height must be an integer from 1 to 2147483647, but is 1.5/],
    [{ outputSize: [2 ** 30] }, [2 ** 30], /more elements than can be counted/],
    [{ kernelSize: [1, 1] }, [2 ** 30, 2 ** 30], /more elements than can be counted/],
  ] satisfies [GeometryOptions, number[], RegExp][])('refuses %j on %j', (options, extents, message) => {
    const geometry = normaliseGeometry({
      dims: extents.length,
      ...('kernelSize' in options && Array.isArray(options.kernelSize) ? { ...options, dims: 2 } : options),
    })
    expect(() => outputSize(geometry, extents)).toThrow(GeometryError)
    expect(() => outputSize(geometry, extents)).toThrow(message)
  })

  it('counts the windows that fit, one by one', () => {
    const cases = fc.record({
      extent: fc.integer({ min: 1, max: 24 }),
      kernel: fc.integer({ min: 1, max: 6 }),
      stride: fc.integer({ min: 1, max: 7 }),
      dilation: fc.integer({ min: 1, max: 3 }),
      low: fc.double({ min: 0, max: 1, noNaN: true }),
      high: fc.double({ min: 0, max: 1, noNaN: true }),
      ceilMode: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ extent, kernel, stride, dilation, ceilMode, ...sides }) => {
        const reach = (kernel - 1) * dilation + 1
        const low = Math.round(sides.low * Math.floor(reach / 2))
        const high = Math.round(sides.high * Math.floor(reach / 2))
        // By definition: a window counts while it ends inside; in ceil mode the next one too, if it starts inside or in the low padding.
        let windows = 0
        while (windows * stride + reach <= extent + low + high) windows++
        const cutShort = windows > 0 ? (windows - 1) * stride + reach < extent + low + high : extent + low + high + stride > reach
        if (ceilMode && cutShort && windows * stride < extent + low) windows++
        const geometry = normaliseGeometry({ kernelSize: [kernel], stride, dilation, padding: [[low, high]], ceilMode })
        if (windows < 1) expect(() => outputSize(geometry, [extent])).toThrow(GeometryError)
        else expect(outputSize(geometry, [extent])).toEqual([windows])
      }),
      { numRuns: 2000 },
    )
  })
})

describe('describeGeometry', () => {
  it.each([
    [{ kernelSize: [3, 3], stride: 2, padding: 1 }, 'window 3x3, stride 2, padding 1 (counted: divisor 9)'],
    [
      { kernelSize: [3, 3], stride: [2, 1], padding: 1, countIncludePad: false },
      'window 3x3, stride 2x1, padding 1 (not counted)',
    ],
    [
      { kernelSize: [4], padding: [[1, 2]], ceilMode: true },
      'window 4, stride 4, padding 1:2 (counted: divisor up to 4), ceil mode',
    ],
    [{ kernelSize: [2, 3], stride: 1, dilation: [1, 2], divisorOverride: 5 }, 'window 2x3, stride 1, dilation 1x2, divisor 5'],
    [{ outputSize: [3, 4] }, 'adaptive windows, output 3x4'],
    [{ global: true, dims: 2 }, 'one window over everything'],
  ] satisfies [GeometryOptions, string][])('%j is "%s"', (options, words) => {
    expect(describeGeometry(normaliseGeometry(options))).toBe(words)
  })
})

describe('layouts', () => {
  it.each([
    ['channels-first', [2, 3, 5, 7]],
    ['channels-last', [2, 5, 7, 3]],
  ] as const)('%s: splits and joins', (layout, shape) => {
    const geometry = { dims: 2, layout } as const
    const split = splitShape(geometry, shape)
    expect(split).toEqual({ samples: 2, channels: 3, extents: [5, 7] })
    expect(joinShape(geometry, split)).toEqual(shape)
  })

  it('refuses another rank', () => {
    expect(() => splitShape({ dims: 2, layout: 'channels-last' }, [2, 3, 4])).toThrow(
      /rank 4 \(N, 2 spatial, C\), but its shape is \[2, 3, 4\]/,
    )
  })
})

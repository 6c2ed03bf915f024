import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../runtime/tuner/outcome.ts'
import { renderReport, type TuningReport } from '../../runtime/tuner/report/report.ts'
import type { Axes, Schedule } from '../../runtime/tuner/subject.ts'
import { cudaReport, jsReport, reportOf } from './report-data.ts'

/** Fails where it is not well-formed: libxml2, which sharp reads drawings with, takes a whole page in a drawing. */
const parse = async (page: string): Promise<void> => {
  const content = page.replace('<!doctype html>', '')
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject>${content}</foreignObject></svg>`
  await sharp(Buffer.from(drawing)).png().toBuffer()
}

/** The text of a page, without its style and its markup. */
const textOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')

/** All tags in order, without what their attributes say. */
const tagsOf = (page: string): string[] => page.match(/<[^>]*>/g)!.map((tag) => tag.replace(/"[^"]*"/g, '""'))

const picturesOf = (page: string): string[] => page.match(/<svg xmlns.*?<\/svg>/gs) ?? []

/** The part of a page under a heading. */
const sectionOf = (page: string, heading: string): string =>
  page.split('<section>').find((part) => part.startsWith(`<h2>${heading}`)) ?? ''

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!)

const axes = { unroll: ['all', 'none'], width: [1, 2, 4] } as const satisfies Axes
const usual = { unroll: 'all', width: 1 }
const points: readonly Schedule[] = axes.unroll.flatMap((unroll) => axes.width.map((width) => ({ unroll, width })))
const timedAs = (times: readonly number[], changes: Partial<TuningReport> = {}): TuningReport =>
  reportOf(
    times.map((ms, k): [Schedule, Outcome] => [points[k]!, { kind: 'ok', ms }]),
    { axes, usual, ...changes },
  )

const reports: Readonly<Record<string, TuningReport>> = {
  'many candidates': jsReport(),
  'a device that cannot be timed': cudaReport(),
  'one candidate': timedAs([1.2]),
  'all times equal': timedAs([1, 1, 1, 1, 1, 1], { limitMs: 1 }),
  'times of nine powers of ten': timedAs([3, 1e-4, 1e5, 0.02, 700, 0.005]),
  'no candidate right': reportOf([[usual, { kind: 'wrong', message: 'y[0] is 1', source: 'x' }]], { axes, usual }),
  'a default that is wrong': reportOf(
    [
      [usual, { kind: 'wrong', message: 'y[0] is 1' }],
      [points[1]!, { kind: 'ok', ms: 2 }],
    ],
    { axes, usual },
  ),
  'nothing measured': reportOf([], { axes, usual }),
  'a space of one': reportOf([[{}, { kind: 'ok', ms: 2 }]], { axes: {}, usual: {} }),
}

describe.each(Object.entries(reports))('a report of %s', (_, report) => {
  const page = renderReport(report)

  test('is well-formed, and each of its pictures stands alone', async () => {
    await parse(page)
    for (const picture of picturesOf(page)) {
      const [width, height] = matches(picture, /viewBox="0 0 (\d+ \d+)"/g)[0]!
        .split(' ')
        .map(Number)
      expect(await sharp(Buffer.from(picture)).metadata()).toMatchObject({ width, height })
    }
  })

  test('has numbers everywhere', () => {
    expect(page.match(/NaN|Infinity|undefined|\[object/g)).toBeNull()
  })

  test('needs nothing from elsewhere and runs nothing', () => {
    expect(page.match(/<script|<link|<img|\s(src|href|on\w+)=|url\(|@import/g)).toBeNull()
    expect(page).toContain('<meta charset="utf-8"/>')
  })

  test('names its pictures for those who do not see them, each by ids of its own', () => {
    const ids = matches(page, / id="([^"]*)"/g)
    expect(new Set(ids).size).toBe(ids.length)
    const named = matches(page, /aria-labelledby="([^"]*)"/g).flatMap((names) => names.split(' '))
    expect(named.length).toBe(2 * picturesOf(page).length)
    expect(ids).toEqual(expect.arrayContaining(named))
  })
})

describe('what a report tells', () => {
  const report = jsReport()
  const page = renderReport(report)
  const text = textOf(page)

  test('the best, the default and their ratio', () => {
    expect(text).toContain('The best takes 4.39 ms. The default takes 5.77 ms: the best is 1.31 times as fast.')
  })

  test('what was tuned, and how', () => {
    for (const fact of ['sum(x * exp(x)) / sum(exp(x))', '8 × 64 × 56 × 56, float32, channels-first', '2026-11-28 13:54 UTC'])
      expect(text).toContain(fact)
    expect(text).toContain('guided, seed 1; budget 60 s, no limit of candidates')
  })

  test('how many came out how', () => {
    expect(text).toContain(
      '144 of 144 candidates: 133 right (74 left early, clearly behind), 3 wrong, 4 timed out, 4 refused (4 compile failed)',
    )
  })

  test('in bold only where the schedule is not the default', () => {
    const bold = matches(sectionOf(page, 'The schedule to take').split('<details>')[0]!, /<strong>\s*&quot;(\w+)&quot;/g)
    expect(bold).toEqual(['phases', 'outputsPerThread', 'split'])
  })

  test('a dot for each time, a mark for each fault, with the schedule as its tip', () => {
    const [picture] = picturesOf(sectionOf(page, 'The time of every candidate'))
    const dots = picture!.match(/<circle class="(full|final|hasty)"/g)!
    expect([dots.length, picture!.match(/class="fault"/g)!.length]).toEqual([133, 11])
    expect(picture!.match(/class="whisker"/g)!.length).toBe(133)
    expect(textOf(picture!)).toContain('best 4.39 ms')
    expect(textOf(picture!)).toContain('default 5.77 ms')
    expect(picture).toContain(
      '<title>phases plane, outputsPerThread 2, split 3\n4.39 ms, finalist, measured as number 46</title>',
    )
  })

  test('the twenty fastest in order, by what is not the default’s', () => {
    const table = sectionOf(page, 'The fastest 20 candidates')
    const times = matches(table, /<td class="number">\d+<\/td><td class="number">([\d.]+)<\/td>/g).map(Number)
    expect(times).toHaveLength(20)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(textOf(table)).toContain('phases plane, outputsPerThread 2, split 3 best')
  })

  test('the course of the search', () => {
    expect(text).toContain('The fastest was candidate 46 of 144.')
    const searched = timedAs([4, 5, 2.04, 3, 2, 6])
    expect(textOf(renderReport(searched))).toContain('The fastest was candidate 5 of 6; candidate 3 was within 5 % of it.')
  })

  test('each message once, with the sources of its candidates', () => {
    const faults = sectionOf(page, 'What is out, and why')
    expect(faults.match(/<pre class="message">/g)).toHaveLength(3)
    expect(faults.match(/<summary>its source<\/summary>/g)).toHaveLength(11)
    expect(textOf(faults)).toContain('if (a < b && b > c) y[o] = "x"')
  })
})

describe('the order in which things were measured', () => {
  test('is that of their times of day, not that of the list', () => {
    const report = timedAs([4, 2])
    const reversed = { ...report, tuned: { ...report.tuned, results: report.tuned.results.toReversed() } }
    expect(renderReport(reversed)).toBe(renderReport(report))
  })
})

describe('the effect of each axis', () => {
  const panels = (report: TuningReport): string[] =>
    matches(sectionOf(renderReport(report), 'The effect of each axis'), /<h3>(.*?)<\/h3>/g).map(textOf)

  test('is the ratio of the best of its values, and sorts the panels', () => {
    expect(panels(jsReport())).toEqual([
      'unroll 2.02 times',
      'phases 1.85 times',
      'outputsPerThread 1.24 times',
      'split 1.02 times',
    ])
    // Rows: all with 1, 2, 4; none with 1, 2, 4.
    expect(panels(timedAs([2, 1, 3, 8, 5, 4]))).toEqual(['unroll 4.00 times', 'width 3.00 times'])
    expect(panels(timedAs([2, 1, 8, 3, 1.5, 9]))).toEqual(['width 8.00 times', 'unroll 1.50 times'])
  })

  test('leaves out an axis of one value, and is not told of one measured value', () => {
    expect(panels(timedAs([2, 3], { axes: { unroll: ['all'], width: [1, 2] } }))).toEqual(['width 1.50 times'])
    expect(panels(timedAs([2, 3]))).toEqual(['width 1.50 times', 'unroll too few measured'])
  })

  test('has the default’s value also where that is not searched', () => {
    const section = sectionOf(renderReport(timedAs([2, 3, 4], { axes: { width: [2, 4] } })), 'The effect of each axis')
    expect(matches(section, /<td class="word">(1, the default|2|4)<\/td>/g)).toEqual(['1, the default', '2', '4'])
  })
})

describe('the memory limit', () => {
  const toldOf = (changes: Partial<TuningReport>): string =>
    textOf(sectionOf(renderReport(timedAs([4, 3], changes)), 'The distance to the memory limit'))

  test('is told in factors', () => {
    expect(toldOf({ limitMs: 2 })).toContain(
      'Moving the same bytes once takes 2.00 ms: the best takes 1.50 times the limit, the default takes 2.00 times the limit.',
    )
  })

  test('may be undercut, by caches', () => {
    expect(toldOf({ limitMs: 4 })).toContain('the best takes 0.750 of the limit, since caches held a part of what it reads')
  })

  test('is said not to be known where nobody measured it', () => {
    expect(toldOf({})).toContain('is not known')
  })
})

describe('a device that cannot be timed', () => {
  const report = cudaReport()
  const page = renderReport(report)

  test('is said to be one, and nothing is shown of times', () => {
    expect(textOf(page)).toContain('This device cannot be timed.')
    for (const heading of ['The time of', 'The course of', 'The distance to', 'The fastest'])
      expect(sectionOf(page, heading)).toBe('')
  })

  test('shows what each candidate takes: the best first, a row each, and dots whose candidates sum up', () => {
    const section = sectionOf(page, 'What the candidates take')
    const rows = section.match(/<tr><td.*<\/tr>/g)!
    expect(rows).toHaveLength(216)
    expect(rows[0]).toContain('<strong class="mark">best</strong>')
    const counts = matches(section, /<title>(\d+) candidates? of/g).map(Number)
    expect(counts.reduce((a, b) => a + b)).toBe(216)
  })

  test('says so where nothing is known of what candidates take', () => {
    const unknown = reportOf([[usual, { kind: 'ok', ms: null }]], { axes, usual })
    expect(textOf(renderReport(unknown))).toContain('What the candidates take of the device is not known.')
  })
})

describe('text from elsewhere', () => {
  /** Everything that comes from outside says this. */
  const saying = (text: string): string => {
    const outcomes: [Schedule, Outcome][] = [
      [
        { axis: text, width: 1 },
        { kind: 'ok', ms: 2 },
      ],
      [
        { axis: `${text} `, width: 1 },
        { kind: 'ok', ms: 1 },
      ],
      [
        { axis: text, width: 2 },
        { kind: 'wrong', message: text, source: text },
      ],
      [
        { axis: { [text]: text }, width: 2 },
        { kind: 'launch-failed', message: text },
      ],
    ]
    return renderReport(
      reportOf(outcomes, {
        axes: { axis: [text, `${text} `], width: [1, 2], [`${text}-axis`]: [1, 2] },
        usual: { axis: text, width: 1 },
        operator: text,
        formula: text,
        geometry: text,
        target: text,
        device: text,
      }),
    )
  }
  const harmless = tagsOf(saying('harmless'))

  test.each([
    '</script><img src=x onerror=alert(1)>',
    "\"><svg onload='alert(1)'>",
    "' onmouseover='alert(1)",
    ']]> --> <!-- </title></style></pre></svg>',
    '&lt;b&gt; &amp;#x27; &',
    'a\0b\u001B[31m\uD800\uFFFF',
    '<![CDATA[',
  ])('is shown as it is: %j', async (text) => {
    const page = saying(text)
    await parse(page)
    expect(tagsOf(page)).toEqual(harmless)
    const kept = ['\0', '\u001B', '\uD800', '\uFFFF'].reduce((all, one) => all.replaceAll(one, '\uFFFD'), text)
    expect(textOf(page).includes(kept)).toBe(true)
  })

  test('changes no tag, whatever it is', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'<>&"\'/=!-[] \0\n'.split('')) }))
    fc.assert(
      fc.property(text, (given) => {
        expect(tagsOf(saying(given))).toEqual(harmless)
      }),
    )
  })
})

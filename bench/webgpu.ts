/**
 * `npm run bench:webgpu`: our shaders beside TensorFlow.js and ONNX Runtime Web, in one page of a browser and on one device, on
 * shapes as networks have them.
 *
 *     npm run bench:webgpu -- [--quick] [--only S1,max,backward] [--out FILE]
 *
 * The browser is the one that comes with the development packages, whose adapter is the CPU. POOLWRIGHT_CHROMIUM names another,
 * and an empty POOLWRIGHT_SWIFTSHADER takes the machine's GPU. On the CPU shapes have a quarter of their channels. Where there is no
 * browser it says so, and ends with 3.
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { moduleBeside } from '../runtime/beside.ts'
import type { Pace } from '../runtime/timing.ts'
import { type Browser, BrowserMissingError, openBrowser } from '../scripts/browser/browser.ts'
import { bundle } from '../scripts/browser/bundle.ts'
import { serve } from '../scripts/browser/serve.ts'
import { describeMachine } from './machine.ts'
import { type RowOf, rowsOf } from './only.ts'
import { keep, progress } from './output.ts'
import type { Row } from './report.ts'
import { faults, type GpuReport, toMarkdown } from './webgpu/report.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
  },
})

const wanted = rowsOf(values.only)
/** Milliseconds; a sample is long beside the way to the device and back. */
const pace: Pace = values.quick
  ? { sample: 15, rounds: { least: 3, most: 3 }, total: 400 }
  : { sample: 15, rounds: { least: 7, most: 31 }, total: 4000 }

/** Shaders on the CPU take seconds for what a GPU does in less than a millisecond. */
const quarterOf = (row: RowOf): RowOf => ({ ...row, shape: { ...row.shape, channels: row.shape.channels / 4 } })

const measureIn = async (browser: Browser): Promise<GpuReport> => {
  const files = await bundle({ page: fileURLToPath(moduleBeside(import.meta.url, './webgpu/page')) })
  const ort = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/webgpu'))
  const site = await serve({ files, folders: new Map([['/ort/', ort]]) })
  try {
    const page = await browser.open<typeof import('./webgpu/page.ts')>(site.origin, '/page.js')
    const facts = await page.call('start')
    const rows: Row[] = []
    for (const row of facts.isSoftware ? wanted.map(quarterOf) : wanted) {
      progress(`${row.shape.id} ${row.operator} ${row.direction}`)
      rows.push(await page.call('measure', row, pace))
    }
    progress('')
    for (const complaint of page.complaints) process.stderr.write(`${complaint}\n`)
    return { machine: describeMachine(), browser: browser.name, facts, rows }
  } finally {
    await site[Symbol.asyncDispose]()
  }
}

try {
  const browser = await openBrowser()
  try {
    const report = await measureIn(browser)
    const markdown = toMarkdown(report)
    process.stdout.write(markdown)
    // A part of the table, or a hasty one, must not replace the whole.
    const out = values.out || (values.quick || values.only ? '' : 'bench/results/webgpu.md')
    if (out) await keep(out, markdown)
    if (faults(report).length > 0) process.exitCode = 1
  } finally {
    await browser[Symbol.asyncDispose]()
  }
} catch (error) {
  if (!(error instanceof BrowserMissingError)) throw error
  process.stderr.write(`There is nothing to measure in: ${error.message}\n`)
  process.exitCode = 3
}

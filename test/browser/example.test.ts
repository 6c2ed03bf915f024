/** The example page, built as its README says, in a browser: what it draws is what the oracle says of its kernel. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { expect, inject, it } from 'vitest'
import { normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { operatorFromFormula } from '../../index.ts'
import { oracleTarget } from '../../runtime/oracle-target.ts'
import { exampleIn } from '../built/published.ts'
import { openedSite } from './opened.ts'

/** A canvas's size and bytes. */
interface Drawn {
  readonly width: number
  readonly height: number
  readonly bytes: readonly number[]
}

const drawnIn = (canvas: string): string => `(() => {
  const { width, height } = document.querySelector('${canvas}')
  const bytes = [...document.querySelector('${canvas}').getContext('2d').getImageData(0, 0, width, height).data]
  return { width, height, bytes }
})()`

it('pools its picture by a kernel that was built ahead of time', async (context) => {
  const example = exampleIn(inject('published'), 'page')
  const outDir = join(example, 'out')
  await build({
    root: example,
    configFile: join(example, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  })
  const files = new Map([['/', readFileSync(join(outDir, 'index.html'))]])
  const site = { files, folders: new Map([['/assets/', join(outDir, 'assets')]]) }
  const page = await openedSite(site, context)
  // The page says what it did when it is done.
  const note = await page.evaluate(`new Promise((resolve) => {
    const look = () => {
      const { textContent } = document.querySelector('#note')
      if (textContent === '') setTimeout(look, 20)
      else resolve(textContent)
    }
    look()
  })`)
  expect(note).toMatch(/^224 x 150 pixels in .* ms, weight 1\.00, on /)
  const picture = (await page.evaluate(drawnIn('#picture'))) as Drawn
  const pooled = (await page.evaluate(drawnIn('#pooled'))) as Drawn
  expect([picture.width, picture.height]).toEqual([448, 300])

  const operator = settle(operatorFromFormula('mean(x) + weight * sqrt(max(var(x), 0.000001))'))
  const geometry = normaliseGeometry({
    dims: 2,
    kernelSize: 3,
    stride: 2,
    padding: 1,
    countIncludePad: false,
    layout: 'channels-last',
  })
  const kernel = await oracleTarget.compile(operator, geometry, { dtype: 'float32' })
  const x = { shape: [1, 300, 448, 4], data: Float32Array.from(picture.bytes, (byte) => byte / 255) }
  const { y } = kernel.forward({ x, weight: 1 })
  expect(y!.shape).toEqual([1, pooled.height, pooled.width, 4])
  const expected = Uint8ClampedArray.from(y!.data, (value) => Math.round(255 * value))
  const wrong = pooled.bytes.filter((byte, k) => Math.abs(byte - expected[k]!) > 1)
  expect(wrong).toEqual([])
  // Something is to be seen in it.
  expect(new Set(pooled.bytes).size).toBeGreaterThan(100)
  expect(page.complaints).toEqual([])
})

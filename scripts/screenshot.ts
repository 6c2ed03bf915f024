/**
 * Takes the picture of the example page that the documentation shows: the page as `vite build examples/page` leaves it, in a
 * headless browser whose WebGPU needs no GPU.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { openBrowser } from './browser/browser.ts'
import { serve } from './browser/serve.ts'

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

const drawn = `new Promise((resolve) => {
  const look = () => (document.querySelector('#note').textContent === '' ? setTimeout(look, 20) : resolve())
  look()
})`

const site = await serve({
  files: new Map([['/', readFileSync(path('out/page/index.html'))]]),
  folders: new Map([['/assets/', path('out/page/assets')]]),
})
const browser = await openBrowser()
try {
  const page = await browser.open(site.origin)
  await page.evaluate(drawn)
  // A palette of as many colours as the eye tells apart there, a third of the bytes.
  writeFileSync(
    path('docs/page.png'),
    await sharp(await page.screenshot())
      .png({ palette: true, quality: 80 })
      .toBuffer(),
  )
  console.log('docs/page.png is written')
} finally {
  await browser[Symbol.asyncDispose]()
  await site[Symbol.asyncDispose]()
}

/**
 * A headless Chromium with WebGPU, and pages in it whose modules are called from here. It is the one that comes with the
 * development packages, or anybody's that POOLWRIGHT_CHROMIUM names.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Browser as Chromium, chromium } from 'playwright-core'

/** There is no browser here, or none that starts: nothing is wrong with what was to run in it. */
export class BrowserMissingError extends Error {
  override name = 'BrowserMissingError'
}

type Call = (...args: never[]) => unknown

/** The functions that a module exports, which take what JSON can say. */
type Functions<M> = { readonly [K in keyof M as M[K] extends Call ? K : never]: M[K] extends Call ? M[K] : never }

export interface Page<M> {
  /** Calls a function that the page's module exports, and waits for what it promises. @throws Error with what it throws */
  call<K extends keyof Functions<M> & string>(
    name: K,
    ...args: Parameters<Functions<M>[K]>
  ): Promise<Awaited<ReturnType<Functions<M>[K]>>>
  /** What an expression comes to in the page, and what it promises. */
  evaluate(expression: string): Promise<unknown>
  /** The page as a PNG. */
  screenshot(): Promise<Uint8Array>
  /** Loads the page anew: its modules have forgotten everything. */
  reload(): Promise<void>
  /** What the page has told its console as a warning or an error, and errors that nobody caught. */
  readonly complaints: readonly string[]
}

export interface Browser extends AsyncDisposable {
  /** `Chromium 147.0.7727.0`. */
  readonly name: string
  /**
   * Opens a page.
   * @param module - the path of the module whose functions are called; none for a page that has its own
   */
  open<M>(origin: string, module?: string): Promise<Page<M>>
}

/** By an empty POOLWRIGHT_SWIFTSHADER, as in Node, it is the machine's GPU; else SwiftShader, which every Chromium brings. */
const flags = (): readonly string[] => [
  '--enable-unsafe-webgpu',
  ...(process.env.POOLWRIGHT_SWIFTSHADER === ''
    ? ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface', '--ignore-gpu-blocklist']
    : ['--use-webgpu-adapter=swiftshader']),
]

/** What the browser said, where it said anything, without the words that it was called with. */
const reasonOf = (error: unknown): string => {
  const lines = stripVTControlCharacters(error instanceof Error ? error.message : String(error)).split('\n')
  const said = lines.flatMap((line) => /\[err\] (.*)/.exec(line)?.[1] ?? [])
  return [...new Set(said)].join('; ') || lines[0]!
}

/** @throws BrowserMissingError */
export const openBrowser = async (): Promise<Browser> => {
  const program = process.env.POOLWRIGHT_CHROMIUM
  if (!program)
    throw new BrowserMissingError(
      'POOLWRIGHT_CHROMIUM names none, and the one of the development packages is for Linux on x64 only',
    )
  // Libraries that a bare system lacks lie beside the program that was unpacked for it.
  const libraries = join(dirname(program), 'lib')
  const paths = [...(existsSync(libraries) ? [libraries] : []), process.env.LD_LIBRARY_PATH ?? ''].filter(Boolean)
  let browser: Chromium
  try {
    const env = { ...process.env, ...(paths.length > 0 && { LD_LIBRARY_PATH: paths.join(':') }) }
    browser = await chromium.launch({ executablePath: program, args: [...flags()], env })
  } catch (error) {
    throw new BrowserMissingError(`${program} does not start: ${reasonOf(error)}`)
  }
  return {
    name: `Chromium ${browser.version()}`,
    open: async <M>(origin: string, module = ''): Promise<Page<M>> => {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (message) => {
        if (['warning', 'error'].includes(message.type())) complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(`${origin}/`)
      return {
        complaints,
        call: (name, ...args) => {
          // As text, so that no tool that goes over this file puts words of its own between.
          const [from, called, given] = [module, name, args].map((one) => JSON.stringify(one))
          return page.evaluate(`import(${from}).then((module) => module[${called}](...${given}))`)
        },
        evaluate: (expression) => page.evaluate(expression),
        screenshot: () => page.screenshot(),
        reload: async () => void (await page.reload()),
      }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

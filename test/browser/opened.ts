/** A page for tests, in a browser with WebGPU, which loads the package as it is published. */
import { fileURLToPath } from 'node:url'
import { inject, type TestContext } from 'vitest'
import { BrowserMissingError, openBrowser, type Page } from '../../scripts/browser/browser.ts'
import { bundle, fromPackage } from '../../scripts/browser/bundle.ts'
import { type Served, type Site, serve } from '../../scripts/browser/serve.ts'
import { ranOn } from '../ran-on.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the package, as the run's setup built it. */
    published: string
  }
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const sites = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>()

/** A module that tells of the adapter, and that of a page where one is named; bundled once for a file of tests. */
const bundled = (module?: string): Promise<ReadonlyMap<string, Uint8Array>> => {
  const entries = { adapter: here('./page/adapter.ts'), ...(module && { page: here(`./page/${module}.ts`) }) }
  const known = sites.get(module ?? '') ?? bundle(entries, [fromPackage(here('../../'), inject('published'))])
  sites.set(module ?? '', known)
  return known
}

/** A page of a site, with the browser around it; all of it goes with the test. */
const open = async <M>(site: Site, module: string | undefined, context: TestContext): Promise<Page<M>> => {
  const browser = await openBrowser()
  context.onTestFinished(() => browser[Symbol.asyncDispose]())
  const served: Served = await serve(site)
  context.onTestFinished(() => served[Symbol.asyncDispose]())
  const asked = await browser.open<typeof import('./page/adapter.ts')>(served.origin, '/adapter.js')
  const { adapter, missing } = await asked.call('adapter')
  if (adapter === undefined) throw new BrowserMissingError(`${browser.name} has no adapter: ${missing}`)
  ranOn(context, `${adapter}, in ${browser.name}`)
  return browser.open<M>(served.origin, module)
}

/** Where there is no browser, or none with WebGPU, the test is skipped, or fails where one must be there. */
const orSkipped = async <T>(context: TestContext, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const isMissing = error instanceof BrowserMissingError
    if (!isMissing || process.env.POOLWRIGHT_MUST_HAVE?.split(',').includes('browser')) throw error
    return context.skip(`no browser with WebGPU is here: ${error.message}`)
  }
}

/** A page's module by its name in page/, opened for one test. */
export const opened = <M>(module: string, context: TestContext): Promise<Page<M>> =>
  orSkipped(context, async () => {
    const folders = new Map([['/golden/', here('../golden/')]])
    return open<M>({ files: await bundled(module), folders }, '/page.js', context)
  })

/** A site with a page of its own, opened for one test. */
export const openedSite = (site: Site, context: TestContext): Promise<Page<unknown>> =>
  orSkipped(context, async () => open({ ...site, files: new Map([...(await bundled()), ...site.files]) }, undefined, context))

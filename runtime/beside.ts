/**
 * The address of a module that is loaded by it, in another process or only when it is asked for: it lies beside the one that asks,
 * and ends as that does, compiled or as a source. A bundle may have no address of its own, so it is asked for when it is needed.
 *
 * @param here - `import.meta.url` of the one that asks
 * @param name - its path from there, without an ending
 */
export const moduleBeside = (here: string, name: string): string =>
  new URL(`${name}${here.endsWith('.ts') ? '.ts' : '.js'}`, here).href

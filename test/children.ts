/** Children of tests run the sources as they are, on Node versions that cannot: a loader strips their types. */
const stripTypes = `--import=${new URL('./strip-types.mjs', import.meta.url)}`
if (!process.env.NODE_OPTIONS?.includes(stripTypes))
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} ${stripTypes}`.trim()

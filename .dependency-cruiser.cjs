/**
 * The arrows of the architecture, as rules: what each top folder may import of ours. Whatever is not allowed here is
 * forbidden, so that a new folder has to be given its place before anything can use it.
 */

/** @type {Record<string, string[]>} */
const mayImport = {
  dsl: [],
  oracle: ['dsl'],
  templates: [],
  codegen: ['dsl', 'templates'],
  interpreter: ['codegen', 'dsl'],
  runtime: ['dsl', 'codegen', 'interpreter', 'oracle'],
  // Operators are declared through the public face alone, as a user declares them.
  specs: ['dsl', 'runtime/pool\\.ts$'],
  layers: ['dsl', 'specs', 'runtime/(pool|js|target|golden-runner)\\.ts$'],
}

const ours = '^(dsl|oracle|templates|codegen|interpreter|runtime|specs|layers|cli|examples|bench|test|scripts|index\\.ts)'

const arrows = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `${folder}/ may import of ours: ${[folder, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { path: ours, pathNot: [`^${folder}/`, ...allowed.map((one) => (one.endsWith('$') ? `^${one}` : `^${one}/`))] },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'index-imports',
      comment: 'index.ts is the public face: runtime and dsl only',
      severity: 'error',
      from: { path: '^index\\.ts$' },
      to: { path: ours, pathNot: '^(runtime|dsl)/' },
    },
    {
      name: 'oracle-apart',
      comment: 'the oracle judges the compiler, so it reaches nothing of it, on no path',
      severity: 'error',
      from: { path: '^oracle/' },
      to: { path: '^(codegen|interpreter|templates|runtime)/', reachable: true },
    },
    {
      name: 'browser-safe',
      comment:
        'what a browser loads imports nothing of Node and no FFI; files are the business of cli/ and runtime/store/files/, processes that of runtime/node/ and runtime/tuner/node/, CUDA that of runtime/cuda/, spec modules that of runtime/build/',
      severity: 'error',
      from: {
        path: '^((dsl|codegen|specs|layers|oracle|interpreter|templates|runtime)/|index\\.ts$)',
        pathNot: ['\\.test\\.ts$', '^runtime/(build|cuda|node|store/files|tuner/node)/', '^runtime/webgpu/node\\.ts$'],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-packages',
      comment: 'images and arguments are the business of cli/',
      severity: 'error',
      from: {
        path: '^((dsl|codegen|specs|layers|oracle|interpreter|templates|runtime)/|index\\.ts$)',
        pathNot: ['\\.test\\.ts$', '^runtime/ffi\\.ts$', '^runtime/webgpu/node\\.ts$'],
      },
      to: { path: 'node_modules/(sharp|commander|koffi)/' },
    },
    {
      name: 'cuda-apart',
      comment: 'CUDA is loaded by those who ask for it: the rest of the runtime reaches it on no path, and so no browser does',
      severity: 'error',
      from: {
        path: '^(runtime/(?!build/|cuda/|ffi\\.ts$|torch/|webgpu/node\\.ts$)|index\\.ts$|specs/)',
        pathNot: '\\.test\\.ts$',
      },
      to: { path: '^runtime/(cuda/|ffi\\.ts$)', reachable: true },
    },
    {
      name: 'files-apart',
      comment: 'a browser has a store of another kind: what it loads reaches the one of files on no path',
      severity: 'error',
      from: { path: '^(runtime/(?!build/|cuda/|node/|store/files/|tuner/node/)|index\\.ts$|specs/)', pathNot: '\\.test\\.ts$' },
      to: { path: '^runtime/store/files/', reachable: true },
    },
    {
      name: 'cuda-on-demand',
      comment: 'the command line and the examples load CUDA when it is asked for, and not with themselves',
      severity: 'error',
      from: { path: '^(cli/(?!cuda/)|examples/)' },
      to: { path: '^(cli/cuda/|runtime/cuda/)', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'build-at-the-edge',
      comment: 'spec modules are read where programs are built, and not where they run',
      severity: 'error',
      from: { path: ours, pathNot: '^(cli/|runtime/build/|test/|examples/page/vite)' },
      to: { path: '^runtime/build/' },
    },
    {
      name: 'typescript-in-build',
      comment: "TypeScript's compiler and bundlers are known to runtime/build/ alone",
      severity: 'error',
      from: { pathNot: '^(runtime/build|scripts|test)/' },
      to: { path: 'node_modules/(ts-morph|unplugin|typescript)/' },
    },
    {
      name: 'parser-in-dsl',
      comment: 'Chevrotain comes in by one door, which the build makes one module of',
      severity: 'error',
      from: { pathNot: '^dsl/chevrotain\\.ts$' },
      to: { path: 'node_modules/chevrotain/' },
    },
    {
      name: 'handlebars-in-templates',
      comment: 'Handlebars is known to templates/ alone',
      severity: 'error',
      from: { pathNot: '^(templates|scripts|test)/' },
      to: { path: 'node_modules/handlebars/' },
    },
    {
      name: 'nothing-imports-the-edge',
      comment: 'cli, examples and bench are where things end',
      severity: 'error',
      from: { path: ours, pathNot: '^(cli|examples|bench|test|scripts)/' },
      to: { path: '^(cli|examples|bench|test|scripts)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^templates/compiled|/kernels/halve' },
    },
    {
      name: 'no-dev-packages',
      comment:
        'what ships may use only what is installed with it, or what the build puts into it; libraries that ours is timed beside are their users’ own',
      severity: 'error',
      from: {
        path: ours,
        pathNot: ['^(test|bench|scripts)/', '^dsl/chevrotain\\.ts$', '^cli/bench/peers/', '^examples/page/vite', '\\.test\\.ts$'],
      },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist[^/]*|coverage|reports|\\.stryker-tmp|\\.torch|test/package)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts'],
    },
    skipAnalysisNotInRules: true,
  },
}

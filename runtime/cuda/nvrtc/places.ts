/**
 * Where CUDA's runtime compiler may be on this machine, in the order in which it is looked for: what a person named, what the
 * system's loader knows, then the folders of a toolkit, of conda and of Python's wheels. Nothing is opened here.
 */
import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** One place, with what may lie there, in the order to try. */
export interface Place {
  /** Words for a person: why it is looked for there. */
  readonly where: string
  /** Paths, or names for the system's loader. */
  readonly candidates: readonly string[]
  /** What was looked through, where there is no candidate. */
  readonly looked: string
}

export interface PlaceOptions {
  /** The library, or the folder that it is in: no other place is tried then. */
  readonly path?: string
  /** Folders of Python packages (`site-packages`) to look through for NVIDIA's wheels. */
  readonly sitePackages?: readonly string[]
  /** Whether to start Python and ask for its folders: tenths of a second. */
  readonly askPython?: boolean
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly platform?: NodeJS.Platform
}

/** How the library is named on a platform, and where toolkits put it. */
interface Naming {
  /** Names for the system's loader, newest first. CUDA 11's is the same from 11.2 to 11.8. */
  readonly sonames: readonly string[]
  /** The library among the files of a folder; the first group is its version. */
  readonly file: RegExp
  /** What it opens by bare name while it compiles. */
  readonly builtins: RegExp
  readonly toolkit: readonly string[]
  readonly conda: readonly string[]
  readonly wheels: readonly string[]
  readonly python: string
}

const namings: Partial<Record<NodeJS.Platform, Naming>> = {
  linux: {
    sonames: ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2'],
    file: /^libnvrtc\.so(?:\.(\d[\d.]*))?$/,
    builtins: /^libnvrtc-builtins\.so\.[\d.]+$/,
    toolkit: ['lib64', 'lib'],
    conda: ['lib'],
    wheels: ['nvidia/cu13/lib', 'nvidia/cuda_nvrtc/lib'],
    python: 'python3',
  },
  win32: {
    sonames: ['nvrtc64_130_0.dll', 'nvrtc64_120_0.dll', 'nvrtc64_112_0.dll'],
    file: /^nvrtc64_(\d+)_0\.dll$/,
    builtins: /^nvrtc-builtins64_\d+\.dll$/,
    toolkit: ['bin/x64', 'bin'],
    conda: ['Library/bin/x64', 'Library/bin'],
    wheels: ['nvidia/cu13/bin/x86_64', 'nvidia/cu13/bin', 'nvidia/cuda_nvrtc/bin'],
    python: 'python',
  },
}

const filesOf = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** Newest first; a name without a version is whatever a developer's link points to, and stands last. */
const byVersion = (naming: Naming) => {
  const key = (file: string) => (naming.file.exec(file)?.[1] ?? '').split('.').map(Number)
  return (a: string, b: string): number => {
    const [x, y] = [key(a), key(b)]
    return (y[0] ?? 0) - (x[0] ?? 0) || (y[1] ?? 0) - (x[1] ?? 0) || a.length - b.length
  }
}

const candidatesIn = async (naming: Naming, folders: readonly string[]): Promise<string[]> => {
  const found = folders.map(async (folder) =>
    (await filesOf(folder))
      .filter((file) => naming.file.test(file))
      .sort(byVersion(naming))
      .map((file) => join(folder, file)),
  )
  return (await Promise.all(found)).flat()
}

/**
 * The libraries that NVRTC opens while it compiles. They lie beside it, but it asks for them by bare name, and has no search
 * path of its own: the loader knows that name only where they are open already.
 */
export const builtinsBeside = async (path: string, platform: NodeJS.Platform = process.platform): Promise<string[]> => {
  const naming = namings[platform]
  const folder = dirname(path)
  if (naming === undefined || basename(path) === path) return []
  return (await filesOf(folder)).filter((file) => naming.builtins.test(file)).map((file) => join(folder, file))
}

const askPython = async (program: string): Promise<string[]> => {
  try {
    const script = 'import site; print("\\n".join([*site.getsitepackages(), site.getusersitepackages()]))'
    const { stdout } = await promisify(execFile)(program, ['-c', script], { timeout: 10_000 })
    return stdout.split(/\r?\n/).filter((line) => line !== '')
  } catch {
    return []
  }
}

const ofVirtualEnvironment = async (root: string | undefined): Promise<string[]> => {
  if (!root) return []
  const versions = (await filesOf(join(root, 'lib'))).filter((name) => name.startsWith('python'))
  return [...versions.map((name) => join(root, 'lib', name, 'site-packages')), join(root, 'Lib', 'site-packages')]
}

const named = async (naming: Naming, where: string, path: string): Promise<Place> => ({
  where,
  candidates: (await isFolder(path)) ? await candidatesIn(naming, [path]) : [path],
  looked: path,
})

/** `cuda` is the link that an administrator set to the version meant: it counts as the newest. */
export const toolkitOrder = (a: string, b: string): number =>
  Number(b === 'cuda') - Number(a === 'cuda') || b.localeCompare(a, 'en', { numeric: true })

/** The places of this machine; empty on a platform for which NVIDIA makes no CUDA. */
export async function* placesOf(options: PlaceOptions): AsyncGenerator<Place, void> {
  const { environment = process.env, platform = process.platform } = options
  const naming = namings[platform]
  if (naming === undefined) return
  if (options.path !== undefined) {
    yield await named(naming, 'the path given', options.path)
    return
  }
  const { POOLWRIGHT_NVRTC, CUDA_PATH, CUDA_HOME, CONDA_PREFIX, VIRTUAL_ENV } = environment
  if (POOLWRIGHT_NVRTC) {
    yield await named(naming, 'POOLWRIGHT_NVRTC', POOLWRIGHT_NVRTC)
    return
  }
  yield { where: "the system's loader", candidates: naming.sonames, looked: '' }
  const inFolders = async (where: string, roots: readonly string[], under: readonly string[]): Promise<Place> => {
    const folders = roots.flatMap((root) => under.map((folder) => join(root, folder)))
    return { where, candidates: await candidatesIn(naming, folders), looked: folders.join(', ') }
  }
  if (CUDA_PATH) yield await inFolders('CUDA_PATH', [CUDA_PATH], naming.toolkit)
  if (CUDA_HOME) yield await inFolders('CUDA_HOME', [CUDA_HOME], naming.toolkit)
  if (platform === 'linux') {
    const toolkits = (await filesOf('/usr/local')).filter((name) => /^cuda(-[\d.]+)?$/.test(name))
    const roots = toolkits.sort(toolkitOrder).map((name) => join('/usr/local', name))
    if (roots.length > 0) yield await inFolders('a CUDA toolkit', roots, naming.toolkit)
  }
  if (CONDA_PREFIX) yield await inFolders('CONDA_PREFIX', [CONDA_PREFIX], naming.conda)
  const inWheels = (where: string, folders: readonly string[]) => inFolders(where, folders, naming.wheels)
  if (options.sitePackages?.length) yield await inWheels('the site-packages given', options.sitePackages)
  if (VIRTUAL_ENV) yield await inWheels('VIRTUAL_ENV', await ofVirtualEnvironment(VIRTUAL_ENV))
  if (options.askPython) yield await inWheels(`the packages of ${naming.python}`, await askPython(naming.python))
}

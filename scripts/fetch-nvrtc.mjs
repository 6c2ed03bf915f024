/**
 * Fetches CUDA's compiler for the tests, both its generations, into a folder, without installing anything: 13 as a wheel from
 * Python's package index, 11.8 as packages of Debian 12 (non-free), unpacked. From there NVIDIA's driver library comes too,
 * which can be opened without a GPU. Prints the variables that the tests read.
 *
 *     node scripts/fetch-nvrtc.mjs FOLDER >> "$GITHUB_ENV"
 *
 * What cannot be had is said on stderr; the exit code is 1 then. What is there already is kept.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const [given] = process.argv.slice(2)
if (given === undefined) {
  console.error('usage: node scripts/fetch-nvrtc.mjs FOLDER')
  process.exit(2)
}
const home = resolve(given)

const call = (program, args, cwd = home) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`.trim()}`)
  return stdout
}

/** CUDA 13: one wheel, which `pip` unpacks. */
const fetch13 = () => {
  const root = join(home, 'nvrtc13')
  const library = join(root, 'nvidia/cu13/lib/libnvrtc.so.13')
  if (!existsSync(library))
    call('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', root, 'nvidia-cuda-nvrtc==13.0.*'])
  return library
}

/** The mirror of Debian 12 that this machine's own sources name, in either of their two forms. */
const debianMirror = () => {
  const folder = '/etc/apt/sources.list.d'
  const files = ['/etc/apt/sources.list', ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [])]
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'))
  for (const stanza of texts.flatMap((text) => text.split(/\n\s*\n/))) {
    const uri = /^URIs:\s*(\S+)/m.exec(stanza)?.[1]
    if (uri && /^Suites:.*\bbookworm\b(?!-)/m.test(stanza)) return uri
    const line = /^deb(?:\s+\[[^\]]*\])?\s+(\S+)\s+bookworm\s/m.exec(stanza)?.[1]
    if (line) return line
  }
  throw new Error('the sources of apt name no mirror of Debian 12 (bookworm)')
}

/** Unpacks packages of Debian. With a list of sources and caches of its own, `apt-get` leaves the system's as they are. */
const unpackFromDebian = (root, library, names) => {
  const path = join(root, 'usr/lib/x86_64-linux-gnu', library)
  if (existsSync(path)) return path
  const apt = join(home, 'apt')
  const packages = join(apt, 'packages', names[0])
  for (const folder of [join(apt, 'lists/partial'), join(apt, 'cache/archives/partial'), packages])
    mkdirSync(folder, { recursive: true })
  const sources = join(apt, 'sources.list')
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(sources, `deb [signed-by=${keys}] ${debianMirror()} bookworm non-free\n`)
  const options = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::Cache': join(apt, 'cache'),
    // The user that apt drops to cannot write into a folder of ours.
    'APT::Sandbox::User': 'root',
  }
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  call('apt-get', [...flags, 'update'])
  call('apt-get', [...flags, 'download', ...names], packages)
  for (const file of readdirSync(packages)) call('dpkg', ['-x', join(packages, file), root])
  return path
}

const fetch11 = () => unpackFromDebian(join(home, 'nvrtc11'), 'libnvrtc.so.11.2', ['libnvrtc11.2', 'libnvrtc-builtins11.8'])

const fetchDriver = () => unpackFromDebian(join(home, 'libcuda'), 'nvidia/current/libcuda.so.1', ['libcuda1'])

mkdirSync(home, { recursive: true })
for (const [variable, fetch] of [
  ['POOLWRIGHT_NVRTC', fetch13],
  ['POOLWRIGHT_NVRTC_11', fetch11],
  ['POOLWRIGHT_LIBCUDA_REAL', fetchDriver],
]) {
  try {
    const library = fetch()
    if (!existsSync(library)) throw new Error(`what was fetched has no ${library}; it is for Linux on x86-64`)
    console.log(`${variable}=${library}`)
  } catch (error) {
    console.error(`${variable} cannot be had: ${error.message}`)
    process.exitCode = 1
  }
}

/**
 * Completes package-lock.json with the binaries of other platforms. A registry mirror may carry only those of its own
 * platforms; npm then leaves the others out of the lockfile, and `npm ci` refuses it. What is added says which platform a
 * package is for, so that npm passes over it everywhere else. Run it after an `npm install` that changes the lockfile.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(path, 'utf8'))

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32']

/** The platform that a package's name tells, as package.json would; undefined where it tells none. */
const platform = (name) => {
  // A scope may hold the name of the system: @esbuild/linux-x64, @rollup/rollup-linux-x64-gnu, @img/sharp-libvips-linuxmusl-x64.
  const words = name.replace('linuxmusl', 'linux-musl').split(/[/-]/)
  const os = systems.find((one) => words.includes(one))
  const cpu = words.includes('armv7') ? 'arm' : processors.find((one) => words.includes(one))
  if (cpu === 'wasm32') return { cpu: [cpu] }
  if (os === undefined || cpu === undefined) return os === undefined ? undefined : { os: [os] }
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined
  return { ...(libc ? { libc: [libc] } : {}), cpu: [cpu], os: [os] }
}

const added = {}
for (const [at, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (`${at}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages) continue
    const where = platform(name)
    if (!where || !/^\d+\.\d+\.\d+[-.\w]*$/.test(version)) {
      console.warn(`left out: ${name}@${version}, wanted by ${at}`)
      continue
    }
    added[`node_modules/${name}`] = { version, ...(entry.dev ? { dev: true } : {}), optional: true, ...where }
  }
}

lock.packages = Object.fromEntries(Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${Object.keys(added).length} packages added`)

/** The seam over the FFI, on the C library. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { FfiError, loadFfi } from '../../../runtime/ffi.ts'

const ffi = await loadFfi()
const stripTypes = new URL('../../strip-types.mjs', import.meta.url).href
const openLibc = () => ffi.open('libc.so.6')

describe.runIf(process.platform === 'linux')('the FFI', () => {
  it('passes numbers, texts, memory and addresses, and takes results', () => {
    const libc = openLibc()
    expect(libc.declare('abs', 'int32', ['int32'])(-3)).toBe(3)
    expect(libc.declare('atoi', 'int32', ['text'])('42')).toBe(42)
    expect(libc.declare('getenv', 'text', ['text'])('NOTHING_OF_THIS_NAME')).toBe(null)
    expect(libc.declare('strerror', 'text', ['int32'])(0)).toBe('Success')
    const [from, to] = [Buffer.from('hello'), Buffer.alloc(5)]
    const copied = libc.declare('memcpy', 'address', ['memory', 'address', 'uint64'])(to, ffi.addressOf(from), 5)
    expect(to.toString()).toBe('hello')
    expect(copied).toBe(ffi.addressOf(to))
    expect(libc.declare('time', 'int32', ['memory'])(null)).not.toBe(0)
  })

  it('shows memory that is not JavaScript’s', () => {
    const libc = openLibc()
    const malloc = libc.declare('malloc', 'address', ['uint64'])
    const free = libc.declare('free', 'void', ['address'])
    const address = malloc(1024)
    expect(typeof address).toBe('bigint')
    const view = ffi.view(address, 1024)
    view.fill(7)
    expect(libc.declare('memchr', 'address', ['address', 'int32', 'uint64'])(address, 8, 1024)).toBe(0n)
    view[1000] = 8
    expect(libc.declare('memchr', 'address', ['address', 'int32', 'uint64'])(address, 8, 1024)).toBe(address + 1000n)
    expect(free(address)).toBe(undefined)
  })

  it('calls later, and keeps memory until then', async () => {
    const libc = openLibc()
    const sleep = libc.declare('usleep', 'int32', ['uint32'])
    const began = performance.now()
    const sleeping = sleep.later(20_000)
    expect(performance.now() - began).toBeLessThan(20)
    expect(await sleeping).toBe(0)
    expect(performance.now() - began).toBeGreaterThanOrEqual(19)
    const copy = libc.declare('memcpy', 'address', ['memory', 'memory', 'uint64'])
    const targets = Array.from({ length: 20 }, () => Buffer.alloc(1 << 16))
    await Promise.all(targets.map((target, i) => copy.later(target, new Uint8Array(1 << 16).fill(i), 1 << 16)))
    expect(targets.every((target, i) => target.every((byte) => byte === i))).toBe(true)
  })

  it('says what is missing', () => {
    expect(() => ffi.open('libnowhere.so.1')).toThrow(FfiError)
    expect(() => ffi.open('libnowhere.so.1')).toThrow(/libnowhere\.so\.1 cannot be loaded: .+/)
    expect(() => openLibc().declare('no_such_function', 'void', [])).toThrow('libc.so.6 has no function no_such_function')
  })

  it('refuses to go on where koffi was set to work with small stacks before', () => {
    const first = "const koffi = (await import('koffi')).default; koffi.load('libc.so.6').func('abs', 'int', ['int'])(1)"
    const then = `const { loadFfi } = await import(${JSON.stringify(new URL('../../../runtime/ffi.ts', import.meta.url).href)})`
    const program = `${first}\n${then}\nawait loadFfi().then(() => console.log('went on'), (error) => console.log(error.message))`
    const { stdout } = spawnSync(process.execPath, [`--import=${stripTypes}`, '--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    expect(stdout).toContain('koffi was used before')
    expect(stdout).toContain('koffi.config({ sync_stack_size: 16777216')
  })

  it('is loaded once', async () => {
    expect(await loadFfi()).toBe(ffi)
  })
})

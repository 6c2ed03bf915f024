/**
 * `runWarp(record, end, stride, entry)`: lets the threads of a warp run, each until it waits or is done: all of them at an
 * entry, or, where that is negative, those that can go on, at their own. It returns where they all stopped, or `mixed`. In
 * WebAssembly, since a call from JavaScript for each thread would cost more than short kernels do.
 */
import { signature } from './helpers/imports.ts'
import { mixed, record, registers } from './layout.ts'
import { pushStamp } from './races.ts'
import { Code, type FunctionBody } from './wasm.ts'

/** @param watches - whether accesses to shared memory are watched for races. */
export const runWarp = (run: number, watches: boolean): FunctionBody => {
  const code = new Code()
  const [current, end, stride, entry, next, at, first, common] = [0, 1, 2, 3, 4, 5, 6, 7]
  code.get(current).set(first)
  code.loop()
  code.get(entry).get(current).memory('i32.load', record.next).get(entry).i32(0).op('i32.ge_s', 'select')
  code.tee(next).i32(0).op('i32.ge_s').if()
  code.i32(0).get(current).memory('i32.store', registers.current)
  // The first entry is a thread's start.
  code
    .i32(0)
    .i32(0)
    .memory('i32.load', registers.started)
    .get(next)
    .op('i32.eqz', 'i32.add')
    .memory('i32.store', registers.started)
  code.get(current).i32(-1).memory('i32.store', record.next)
  if (watches) {
    code.get(current)
    pushStamp(code, current)
    code.memory('i64.store', record.stamp)
  }
  code.get(current).get(next).get(current).call(run).memory('i32.store', record.at)
  code.op('end')
  code.get(current).memory('i32.load', record.at).set(at)
  code.get(at).get(common).get(current).get(first).op('i32.eq', 'select').set(common)
  code.get(at).get(common).op('i32.ne').if().i32(mixed).set(common).op('end')
  code.get(current).get(stride).op('i32.add').tee(current).get(end).op('i32.lt_u').brIf(0)
  code.op('end').get(common)
  return {
    ...signature('i32 i32 i32 i32', 'i32'),
    locals: ['i32', 'i32', 'i32', 'i32'],
    code,
    exported: 'runWarp',
  }
}

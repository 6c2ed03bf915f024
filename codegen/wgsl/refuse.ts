/** Which schedules of a shader cannot carry out a program, and why. */
import type { StorageType } from '../../dsl/geometry.ts'
import { refuseChoices, refuseLoops, refuseSaved, refuseText, refuseThreads, refuseWindows } from '../gpu/refuse.ts'
import { refuseLanes, refuseLanesOfText, refuseStaging, refuseSums, refuseVector, tensorsOf } from '../gpu/refuse-sharing.ts'
import { vectorsOf } from '../gpu/schedule.ts'
import type { Program } from '../program.ts'
import { type Abilities, everywhere } from './abilities.ts'
import { asGpu, type WgslSchedule } from './schedule.ts'

/** Invocations of a workgroup that every adapter has: `maxComputeInvocationsPerWorkgroup` is at least that. */
const mostThreads = 256

/** Bytes of a number in the memory of a workgroup: arithmetic's. */
const element = 4

/** What workgroups share has a size when the shader is compiled: planes must have theirs then. */
const refusePlanes = (
  { staging, extents }: WgslSchedule,
  program: Program,
  { workgroupBytes }: Abilities,
): string | undefined => {
  if (typeof staging !== 'object' || !('planes' in staging)) return undefined
  const said = `staging is ${JSON.stringify(staging)}`
  if (extents === 'dynamic')
    return `${said}; the memory of a workgroup is of a size that stands in its text: pin extents too, or use 'none'`
  const bytes = extents.reduce((a, b) => a * b, staging.planes * tensorsOf(program) * element)
  if (bytes > workgroupBytes)
    return `${said}; planes of ${extents.join('x')} elements are ${bytes} bytes, more than maxComputeWorkgroupStorageSize, which is ${workgroupBytes}: take fewer`
  return undefined
}

/**
 * Why a schedule cannot carry out a program; `undefined` where it can. A schedule's types are not to be trusted: it comes from
 * a file or a command line.
 * @param abilities - of the device that is to do it
 */
export const refuse = (
  schedule: WgslSchedule,
  program: Program,
  dtype: StorageType = 'float32',
  abilities: Abilities = everywhere,
): string | undefined => {
  const { phases, vector, sums, threads } = schedule
  // Warps put their sums together in the same memory.
  const most = abilities.workgroupBytes - (sums === 'warps' ? threads * element : 0)
  return (
    refuseChoices(schedule, { sums: ['terms', 'warps'] }) ??
    refuseSaved(schedule, program) ??
    refuseWindows(schedule, program) ??
    refuseVector(schedule, program, { dtype, widths: ['2', '4'] }) ??
    refuseThreads(threads, mostThreads) ??
    refuseStaging(schedule, program, { most, element }) ??
    refuseSums(schedule, program) ??
    refuseLanes(schedule, program) ??
    refuseText(schedule, program, {
      channels: vectorsOf(asGpu(schedule), program).channels,
      with: `, phases '${phases}' and vector ${vector}`,
    }) ??
    refusePlanes(schedule, program, abilities) ??
    refuseLanesOfText(schedule) ??
    refuseLoops(schedule, program)
  )
}

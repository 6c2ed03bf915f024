/** In a page: one device, on which all take turns; it is told here what to measure, and gives figures. */
import { peer as plain } from '../../cli/bench/peers/plain.ts'
import type { PeerCalls } from '../../runtime/peer.ts'
import { interleave, type Pace, type Timing } from '../../runtime/timing.ts'
import type { GpuAdapter, GpuDevice } from '../../runtime/webgpu/api.ts'
import { openWebGpu, type WebGpu } from '../../runtime/webgpu/index.ts'
import { makeJob } from '../cases.ts'
import type { RowOf } from '../only.ts'
import type { Row } from '../report.ts'
import { type Agreement, compare } from '../verify.ts'
import { batchOf, type Contender, clockOf, type Queue } from './contender.ts'
import { onnxRuntime, version as ortVersion } from './ort.ts'
import { ours } from './ours.ts'
import type { Facts } from './report.ts'
import { tfjs, version as tfjsVersion } from './tfjs.ts'

/** What an adapter has besides what our own library asks of it. */
interface Adapter extends GpuAdapter {
  readonly info: GpuAdapter['info'] & { readonly isFallbackAdapter?: boolean }
  readonly features: ReadonlySet<string>
  requestDevice(of: object): Promise<GpuDevice>
}

/** What others make use of. */
const features = ['shader-f16', 'subgroups']
const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
]

interface Running {
  readonly gpu: WebGpu
  readonly contenders: readonly Contender[]
}

let running: Running | undefined

/** Opens the device, with all that the adapter has, and sets everyone up on it. */
export const start = async (): Promise<Facts> => {
  const { gpu: entry } = (
    globalThis as unknown as { readonly navigator: { readonly gpu: { requestAdapter(): Promise<Adapter> } } }
  ).navigator
  const adapter = await entry.requestAdapter()
  const of = adapter.limits as unknown as Readonly<Record<string, number>>
  const device = await adapter.requestDevice({
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((limit) => [limit, of[limit]])),
  })
  const gpu = await openWebGpu({ device })
  const contenders = [...ours(gpu), await tfjs(device), onnxRuntime(gpu, '/ort/')]
  running = { gpu, contenders }
  const { vendor, architecture, description, isFallbackAdapter = false } = adapter.info
  return {
    adapter: [description, vendor, architecture].filter(Boolean).join(' '),
    isSoftware: isFallbackAdapter,
    versions: { 'TensorFlow.js': tfjsVersion, 'ONNX Runtime Web': ortVersion },
    contenders: contenders.map(({ name, notes }) => ({ name, notes })),
  }
}

const reason = (error: unknown): string => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))

/** Holds everyone's results against the plain loop's, then times those that have some. */
export const measure = async (of: RowOf, pace: Pace): Promise<Row> => {
  const { gpu, contenders } = running!
  const queue = gpu.device.queue as unknown as Queue
  const job = makeJob(of.shape, of.operator, of.direction)
  const reference = await plain.prepare(job)
  await reference.run()
  const want = await reference.results()
  const agreement: Record<string, Agreement> = {}
  const failures: Record<string, string> = {}
  const entered: { readonly name: string; readonly calls: PeerCalls; readonly batch: Awaited<ReturnType<typeof batchOf>> }[] = []
  for (const contender of contenders) {
    const { name } = contender
    try {
      const calls = await contender.prepare(job)
      if (!calls) continue
      await calls.run()
      agreement[name] = compare(await calls.results(), want)
      entered.push({ name, calls, batch: await batchOf({ call: calls.run, time: clockOf(queue, contender) }, pace.sample) })
    } catch (error) {
      failures[name] = reason(error)
    }
  }
  const timings = await interleave(
    entered.map(({ batch }) => batch.timed),
    pace,
  )
  for (const { calls } of entered) calls.dispose()
  const ofOne = ({ ms, lower, upper, samples }: Timing, calls: number): Timing => ({
    ms: ms / calls,
    lower: lower / calls,
    upper: upper / calls,
    samples,
  })
  return {
    ...of,
    timings: Object.fromEntries(entered.map(({ name, batch }, k) => [name, ofOne(timings[k]!, batch.calls)])),
    agreement,
    failures,
  }
}

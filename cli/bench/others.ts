/** Somebody else's code as a contender: on the same numbers, on as many copies of them, and held against the definition as ours is. */
import { outputSize } from '../../dsl/geometry.ts'
import { joinShape } from '../../dsl/layout.ts'
import type { Peer, PeerCalls, PeerJob } from '../../runtime/peer.ts'
import { inTurn, wallClock } from '../../runtime/timing.ts'
import type { Problem } from '../../runtime/tuner/subject.ts'
import type { Bench } from '../../runtime/tuner/trial/bench.ts'
import type { Entered, Out } from './contender.ts'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const jobOf = ({ operator, direction, geometry }: Problem, { data }: Bench): PeerJob => ({
  operator: operator.name,
  formula: operator.formula,
  attrs: operator.attrs,
  direction,
  geometry,
  inputs: data.inputs,
  cotangents: data.cotangents,
})

/** The tensors that a peer has to make, by name: the first float result, or every gradient; other results are ours alone. */
const shapesOf = ({ operator, geometry, direction, ...sizes }: Problem, { data }: Bench): Map<string, readonly number[]> => {
  if (direction === 'backward') {
    const differentiated = operator.tensors.filter(({ role }) => role !== 'noise')
    return new Map(differentiated.map(({ name }) => [name, data.inputs[name]!.shape]))
  }
  const [float] = [...operator.results].filter(([name, { type }]) => type === 'float' && sizes.results.includes(name))
  const shape = joinShape(geometry, { ...sizes, extents: outputSize(geometry, sizes.extents) })
  return new Map(float ? [[float[0], shape]] : [])
}

const faultIn = async (calls: PeerCalls, problem: Problem, bench: Bench): Promise<Out | undefined> => {
  await calls.run()
  const results = await calls.results()
  const made: Record<string, { shape: readonly number[]; data: NonNullable<(typeof results)[string]> }> = {}
  for (const [name, shape] of shapesOf(problem, bench)) {
    const data = results[name]
    const length = shape.reduce((product, size) => product * size, 1)
    if (data?.length !== length)
      return {
        kind: 'wrong',
        message: `${name}: ${data ? `${data.length} numbers, where ${length} are expected` : 'is missing'}`,
      }
    made[name] = { shape, data }
  }
  const message = bench.differenceOf(made)
  return message === undefined ? undefined : { kind: 'wrong', message }
}

/** Enters a peer; what it holds is kept until `release` is called. */
export const enterPeer = async (
  peer: Peer,
  problem: Problem,
  bench: Bench,
): Promise<{ readonly entered: Entered; readonly release: () => void }> => {
  const { name, notes } = peer
  const calls: PeerCalls[] = []
  const release = (): void => {
    for (const one of calls) one.dispose()
  }
  const as = (entry: Entered['entry']) => ({ entered: { name, notes, entry }, release })
  try {
    for (let k = 0; k < bench.copies; k++) calls.push(await peer.prepare(jobOf(problem, bench)))
  } catch (error) {
    return as({ kind: 'refused', message: messageOf(error) })
  }
  try {
    const fault = await faultIn(calls[0]!, problem, bench)
    return as(fault ?? { call: inTurn(calls.map((one) => () => one.run())), time: wallClock })
  } catch (error) {
    return as({ kind: 'launch-failed', message: messageOf(error) })
  }
}

/**
 * The space of a search: every schedule that a target accepts, each text once. What is refused, and what would be the same
 * kernel again, is left out before anything is compiled.
 */
import { hashOf } from '../store/hash.ts'
import { usualFirst } from './schedules.ts'
import type { Axes, Schedule, Subject } from './subject.ts'

export interface Candidate {
  /** Its place among the candidates. */
  readonly index: number
  readonly schedule: Schedule
  /** By axis, which of its values it has. */
  readonly point: readonly number[]
}

export interface Space {
  readonly axes: Axes
  readonly candidates: readonly Candidate[]
  /** The candidate of what is taken where nothing is tuned. */
  readonly usual: Candidate
  /** Schedules that were refused, and those left out since another has their text. */
  readonly refused: number
  readonly duplicates: number
  /** The candidate of a point: also where the point's own schedule became the text of another. */
  at(point: readonly number[]): Candidate | undefined
  /** What a candidate's result is remembered by: a hash of its text. */
  identify(candidate: Candidate): Promise<string>
}

/** Texts of so many are made at once, in a second or two; of larger spaces each is made when its turn comes. */
const mostEager = 256

/** All points of a grid; the last axis varies fastest. */
export function* pointsOf(sizes: readonly number[]): Generator<readonly number[]> {
  const total = sizes.reduce((a, b) => a * b, 1)
  for (let n = 0; n < total; n++) {
    const point: number[] = []
    let rest = n
    for (let d = sizes.length - 1; d >= 0; d--) {
      point.unshift(rest % sizes[d]!)
      rest = Math.floor(rest / sizes[d]!)
    }
    yield point
  }
}

/** The header of each kernel tells the schedule, which is no part of it. */
export const identityOf = (text: string): Promise<string> => hashOf(text.replace(/^\/\/ schedule: .*\n/gm, ''))

/** @throws Error where the target refuses what it takes itself by default: then nothing of it can be trusted. */
export const spaceOf = async (subject: Subject): Promise<Space> => {
  const axes = usualFirst(subject)
  const names = Object.keys(axes)
  const accepted: { readonly schedule: Schedule; readonly point: readonly number[] }[] = []
  let refused = 0
  for (const point of pointsOf(names.map((name) => axes[name]!.length))) {
    const schedule = { ...subject.usual, ...Object.fromEntries(names.map((name, d) => [name, axes[name]![point[d]!]])) }
    if (subject.refuse(schedule) === undefined) accepted.push({ schedule, point })
    else refused++
  }
  const candidates: Candidate[] = []
  const byPoint = new Map<string, Candidate>()
  const byIdentity = new Map<string, Candidate>()
  const identities = new Map<Candidate, string>()
  const identify = async (candidate: Candidate): Promise<string> => {
    const identity = identities.get(candidate) ?? (await identityOf(subject.text(candidate.schedule)))
    identities.set(candidate, identity)
    return identity
  }
  for (const { schedule, point } of accepted) {
    const candidate = { index: candidates.length, schedule, point }
    const known = accepted.length <= mostEager ? byIdentity.get(await identify(candidate)) : undefined
    byPoint.set(point.join(), known ?? candidate)
    if (known) continue
    candidates.push(candidate)
    if (accepted.length <= mostEager) byIdentity.set(await identify(candidate), candidate)
  }
  const [usual] = candidates
  if (!usual || usual.point.some((value) => value !== 0))
    throw new Error(`the default schedule is refused: ${subject.refuse(subject.usual)}`)
  const duplicates = accepted.length - candidates.length
  return { axes, candidates, usual, refused, duplicates, at: (point) => byPoint.get(point.join()), identify }
}

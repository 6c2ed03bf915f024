/** What is taken where nothing is searched: the best of what a store remembers. */
import type { Memory } from './memory.ts'
import { byMerit, isTimed } from './outcome.ts'
import { identityOf } from './space.ts'
import type { Schedule, Subject } from './subject.ts'

/**
 * The fastest that is remembered, of those that this version still writes the same text for; nothing that came from another
 * machine, which was never held against the definition here.
 */
export const rememberedBest = async (memory: Memory, subject: Subject): Promise<Schedule | undefined> => {
  const known = [...(await memory.load())].filter(([, { imported, outcome }]) => !imported && isTimed(outcome))
  known.sort(([, a], [, b]) => byMerit(a.outcome, b.outcome))
  for (const [identity, { schedule }] of known) {
    if (subject.refuse(schedule) !== undefined) continue
    if ((await identityOf(subject.text(schedule))) === identity) return schedule
  }
  return undefined
}

/** What a target brings along to be tuned: its device in fields, its schedules, and where a process tries them. */
import type { Fields } from '../store/store.ts'
import type { Problem, Subject } from './subject.ts'
import type { Where } from './trial/messages.ts'

export interface Tuning {
  /** What results are kept under: `js`, `cuda`. */
  readonly target: string
  /** What tells devices apart: names and versions. */
  readonly device: Fields
  /** @throws ArgumentError for a storage type that the target has not */
  subject(problem: Problem): Subject
  readonly where: Where
}

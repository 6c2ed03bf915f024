/** What a target brings along to be tuned: its device in fields, its schedules, and where they are tried. */
import type { Fields } from '../store/store.ts'
import type { Problem, Subject } from './subject.ts'
import type { Workplace } from './trial/workplace.ts'

/** Where a process tries candidates: a module that exports `open`, which makes a workplace of the options. */
export interface Where {
  /** The module's address, as `import` takes it. */
  readonly module: string
  /** Plain data. */
  readonly options: unknown
}

export interface Tuning {
  /** What results are kept under: `js`, `cuda`, `webgpu`. */
  readonly target: string
  /** What tells devices apart: names and versions. */
  readonly device: Fields
  /** @throws ArgumentError for a storage type that the target has not */
  subject(problem: Problem): Subject
  /** Opens a workplace in this process. */
  open(): Promise<Workplace>
  /** Where a process of its own opens one; absent where none can, since the device is a caller's. Asked for in Node alone. */
  readonly where?: Where | undefined
}

/** What a process that tries candidates is asked, and answers. */
import type { Ok, Outcome } from '../outcome.ts'
import type { Opened } from '../request.ts'
import type { Problem, Schedule } from '../subject.ts'
import type { Where } from '../tuning.ts'

export type TrialRequest =
  | { readonly kind: 'open'; readonly where: Where; readonly problem: Problem; readonly seed: number }
  | { readonly kind: 'trial'; readonly schedule: Schedule; readonly best: number }
  | { readonly kind: 'again'; readonly schedules: readonly Schedule[] }

export type TrialAnswer =
  | { readonly kind: 'opened'; readonly opened: Opened }
  /** `isLast` where the device is unusable after it: the process can try no more. */
  | { readonly kind: 'outcome'; readonly outcome: Outcome; readonly isLast: boolean }
  | { readonly kind: 'timings'; readonly timings: readonly (Ok | undefined)[] }
  /** The bench itself failed: no candidate is to blame. */
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }

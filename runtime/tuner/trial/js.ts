/** The workplace of JavaScript, where a process of its own opens it. */
import { jsTarget } from '../../js.ts'
import { hostPlace } from './host.ts'
import type { Workplace } from './workplace.ts'

export const open = (): Workplace => hostPlace(jsTarget)

/** Every strategy by its name. */
import { exhaustive } from './exhaustive.ts'
import { guided } from './guided.ts'
import { local } from './local.ts'
import { random } from './random.ts'
import type { Strategy } from './strategy.ts'

export const strategies = { guided, local, random, exhaustive } as const satisfies Record<string, Strategy>

export type StrategyName = keyof typeof strategies

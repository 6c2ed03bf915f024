/** The targets that come with Poolwright, by name. A new one is a row here. */
import { interpreterTarget } from './interpreter.ts'
import { jsTarget } from './js.ts'
import { oracleTarget } from './oracle-target.ts'
import type { Target } from './target.ts'

export const targets = {
  js: jsTarget,
  oracle: oracleTarget,
  interpreter: interpreterTarget(),
} as const satisfies Record<string, Target>

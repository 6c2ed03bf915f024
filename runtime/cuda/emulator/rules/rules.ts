/** All opcodes that the emulator knows. */
import { compareRules } from './compare.ts'
import { controlRules } from './control.ts'
import { convertRules } from './convert.ts'
import { floatRules } from './float.ts'
import { integerRules } from './integer.ts'
import { memoryRules } from './memory.ts'
import type { Rule } from './rule.ts'

export const rules: ReadonlyMap<string, Rule> = new Map(
  [floatRules, integerRules, compareRules, convertRules, memoryRules, controlRules].flatMap((table) => Object.entries(table)),
)

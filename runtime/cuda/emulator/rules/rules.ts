/** All opcodes that the emulator knows. */
import { atomicRules } from './atomic.ts'
import { bitRules } from './bits.ts'
import { compareRules } from './compare.ts'
import { controlRules } from './control.ts'
import { convertRules } from './convert.ts'
import { copyRules } from './copy.ts'
import { functionRules } from './functions.ts'
import { floatOrIntegerRules } from './integer.ts'
import { memoryRules } from './memory.ts'
import type { Rule } from './rule.ts'

export const rules: ReadonlyMap<string, Rule> = new Map(
  [
    floatOrIntegerRules,
    functionRules,
    bitRules,
    compareRules,
    convertRules,
    memoryRules,
    atomicRules,
    copyRules,
    controlRules,
  ].flatMap((table) => Object.entries(table)),
)

/** What is said of a built kernel above it: its author's words, then what it pools and how. */
import { describeGeometry } from '../../dsl/geometry.ts'
import type { BuiltModuleKernel } from './kernel.ts'

/** What would end a comment, in a formula or an author's words, is spaced apart. */
const inComment = (text: string): string => text.replaceAll('*/', '* /')

export const docOf = ({ words, signed: { signature, geometry, dtype } }: BuiltModuleKernel): readonly string[] => {
  const attrs = Object.entries(signature.attrs).map(([name, value]) => `${name} = ${value}`)
  const formula = signature.formula.trim().replace(/\s*\n\s*/g, ' ')
  const told = [
    `${signature.name}: \`${formula}\`${attrs.length > 0 ? `, with ${attrs.join(', ')}` : ''};`,
    `${describeGeometry(geometry)}; ${dtype}, ${geometry.layout}.`,
  ]
  return [...(words === '' ? [] : [...words.split('\n'), '']), ...told].map(inComment)
}

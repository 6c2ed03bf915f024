/** What a kernel is called, and what its first lines tell a stranger, in every target. */
import { describeGeometry } from '../../dsl/geometry.ts'
import type { Program } from '../program.ts'

export const functionName = ({ operator, direction }: Program): string => {
  const words = operator.name.split(/[^A-Za-z0-9]+/).filter((w) => w !== '')
  const camel = words.map((w, i) => (i === 0 ? w.toLowerCase() : w[0]!.toUpperCase() + w.slice(1))).join('')
  return `${/^[A-Za-z]/.test(camel) ? camel : 'pool'}${direction === 'forward' ? 'Forward' : 'Backward'}`
}

export const headerOf = ({ operator, geometry, direction }: Program, schedule: object, dtype: string): string[] => {
  const attrs = Object.entries(operator.attrs).map(([k, v]) => `${k} = ${v}`)
  const formula = operator.formula.trim().replace(/\s*\n\s*/g, ' ')
  const gradient = direction === 'backward' ? 'the gradient of ' : ''
  return [
    `${operator.name}: ${gradient}${formula}${attrs.length > 0 ? `, with ${attrs.join(', ')}` : ''}`,
    `${describeGeometry(geometry)}; ${dtype}, ${geometry.layout}`,
    `schedule: ${JSON.stringify(schedule)}`,
  ]
}

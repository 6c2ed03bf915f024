/**
 * What emitted JavaScript may not hold, read off its syntax tree: no allocation, no division of integers inside a loop over
 * taps, and no branch on data in the interior of a float32 maximum.
 */
import { type AnyNode, parse } from 'acorn'
import { describe, expect, it } from 'vitest'
import { type GeometryOptions, normaliseGeometry } from '../../dsl/geometry.ts'
import { settle } from '../../dsl/settle.ts'
import { targets } from '../../runtime/targets.ts'
import { specs } from '../../specs/index.ts'

const isNode = (x: unknown): x is AnyNode => typeof x === 'object' && x !== null && 'type' in x
const children = (node: AnyNode): AnyNode[] => Object.values(node).flat().filter(isNode)
const all = (node: AnyNode): AnyNode[] => [node, ...children(node).flatMap(all)]
const functions = (source: string): AnyNode[] =>
  all(parse(source, { ecmaVersion: 2022, sourceType: 'module' })).filter((x) => x.type === 'FunctionDeclaration')

const geometries: Record<string, GeometryOptions> = {
  k2s2: { kernelSize: [2, 2] },
  k3s2p1: { kernelSize: [3, 3], stride: 2, padding: 1 },
  k3s1p1d2: { kernelSize: [3, 3], stride: 1, padding: 1, dilation: 2, layout: 'channels-last' },
  k100: { kernelSize: [100, 100] },
  adaptive: { outputSize: [3, 5] },
  global: { global: true, dims: 2 },
}

const sources = async (
  name: string,
  geometry: GeometryOptions,
  results?: string[],
): Promise<{ forward: string; backward: string }> => {
  const operator = specs.get(name)
  if (!operator) throw new Error(`no operator ${name}`)
  const options = results ? { dtype: 'float32' as const, results } : { dtype: 'float32' as const }
  return (await targets.js.compile(settle(operator), normaliseGeometry(geometry), options)).source
}

const loopVariable = (node: AnyNode): string => {
  if (node.type !== 'ForStatement' || node.init?.type !== 'VariableDeclaration') return ''
  const id = node.init.declarations[0]?.id
  return id?.type === 'Identifier' ? id.name : ''
}

describe.each(Object.entries(geometries))('%s', (label, geometry) => {
  const fixed = label !== 'adaptive' && label !== 'global'
  const names = [...specs.keys()].filter((name) => fixed || name !== 'gated')
  it.each(names)('%s allocates nothing and divides nothing in its loops over taps', async (name) => {
    const { forward, backward } = await sources(name, geometry)
    for (const kernel of [...functions(forward), ...functions(backward)]) {
      const inside = children(kernel).flatMap(all)
      const made = inside.filter(
        (x) =>
          /^(New|Array|Object|ArrowFunction|Function|Class|TemplateLiteral)/.test(x.type) && x.type !== 'FunctionDeclaration',
      )
      expect(made.map((x) => x.type)).toEqual([])
      expect(inside.filter((x) => x.type === 'BinaryExpression' && x.operator === '%')).toEqual([])
      const tapLoops = inside.filter((x) => /^t[dhw]?$/.test(loopVariable(x)))
      const rounded = tapLoops
        .flatMap(all)
        .filter(
          (x) => x.type === 'CallExpression' && x.callee.type === 'MemberExpression' && x.callee.property.type === 'Identifier',
        )
        .filter(
          (x) =>
            x.type === 'CallExpression' &&
            x.callee.type === 'MemberExpression' &&
            x.callee.property.type === 'Identifier' &&
            /^(floor|ceil|trunc)$/.test(x.callee.property.name),
        )
      expect(rounded).toEqual([])
    }
  })
})

describe('the interior of a float32 maximum', () => {
  const interior = (source: string): AnyNode[] => {
    const kernel = functions(source).at(-1)
    if (!kernel) throw new Error('no kernel')
    const loops = children(kernel)
      .flatMap(all)
      .filter((x) => x.type === 'ForStatement' && !all(x).some((y) => y !== x && y.type === 'ForStatement'))
    expect(loops.length).toBeGreaterThan(0)
    return loops.flatMap((x) => (x.type === 'ForStatement' ? all(x.body) : []))
  }
  const branches = (nodes: AnyNode[]): string[] =>
    nodes.filter((x) => /^(If|Conditional|Logical|Switch)/.test(x.type)).map((x) => x.type)

  it.each([
    ['k2s2', ['y']],
    ['k3s2p1', ['y']],
    ['k3s2p1', ['y', 'indices']],
  ])('has no branch on data: %s, %j', async (label, results) => {
    const { forward, backward } = await sources('max', geometries[label]!, results)
    expect(branches(interior(forward))).toEqual([])
    expect(branches(interior(backward))).toEqual([])
  })
})

it('keeps a window of 100 x 100 below 200 lines', async () => {
  const { forward, backward } = await sources('max', { kernelSize: [100, 100] })
  expect(forward.split('\n').length).toBeLessThan(200)
  expect(backward.split('\n').length).toBeLessThan(200)
})

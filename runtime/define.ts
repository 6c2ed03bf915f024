/**
 * Kernels to be built ahead of time, declared beside their operators: a *spec module* exports what {@link defineKernel} gives.
 * `poolwright build` and the bundlers' plugin put in its place a module of the same names and types that holds kernels and no
 * compiler. Where neither has, the same calls compile when they are made, so that a program may be run before it is built.
 */
import type { Declarations } from '../dsl/declarations.ts'
import { ArgumentError } from '../dsl/errors.ts'
import type { Operator } from '../dsl/operator.ts'
import type { BuiltKernel, ForwardKernel } from './launch/built.ts'
import type { Arguments, BackwardArguments, Gradients, RandomNames, Results } from './names.ts'
import { type CompileOptions, compile } from './pool.ts'
import type { Target } from './target.ts'

/** What kernels can be built for. */
export const buildTargets = ['js', 'webgpu', 'cuda'] as const
export type BuildTarget = (typeof buildTargets)[number]

/**
 * What is built: a geometry, targets, and what the operator leaves open.
 *
 * @typeParam T - the targets.
 * @typeParam B - whether the gradient is built too.
 */
export interface KernelOptions<
  D extends Declarations = Declarations,
  Q extends string = string,
  H extends string = string,
  T extends BuildTarget = BuildTarget,
  B extends boolean = boolean,
> extends Omit<CompileOptions<D, Q, H>, 'target' | 'tune' | 'input' | 'deterministic'> {
  readonly targets: readonly T[]
  /** `true` by default. Without its gradient a kernel is about a third as large. */
  readonly backward?: B
}

type KernelOf<D extends Declarations, Q extends string, S extends boolean, H extends string, B extends boolean> = B extends false
  ? ForwardKernel<Arguments<D, S, H>, Results<Q>>
  : BuiltKernel<Arguments<D, S, H>, Results<Q>, BackwardArguments<D, Q, S, H>, Gradients<D>>

/** An opened device, as far as a definition looks at it: a page's types need not know all that a device can do. */
interface OpenedWebGpu {
  readonly description: string
  readonly liveBytes: number
  readonly target?: Target
}

/** How to get a kernel, by target. */
interface Getters<K> {
  /** In JavaScript. */
  js(): Promise<K>
  /** As shaders, on a device that `openWebGpuDevice` of `poolwright/launch/webgpu` or `openWebGpu` of `poolwright/webgpu` gives. */
  webgpu(gpu: OpenedWebGpu): Promise<K>
  /** On a GPU of NVIDIA's, which `openCuda` of `poolwright/cuda` gives. */
  cuda(cuda: { readonly target: Target }): Promise<K>
}

/** A kernel that is built ahead of time, by target. */
export type DefinedKernel<
  D extends Declarations,
  Q extends string,
  S extends boolean,
  H extends string,
  T extends BuildTarget,
  B extends boolean,
> = Pick<Getters<KernelOf<D, Q, S, H, B>>, T>

/** What the build reads of a definition. By a symbol that every copy of Poolwright knows: the spec may have loaded another. */
const definition = Symbol.for('poolwright.definition')

export interface Definition {
  readonly operator: Operator
  readonly options: KernelOptions
}

export const definitionOf = (value: unknown): Definition | undefined =>
  typeof value === 'object' && value !== null && definition in value ? (value[definition] as Definition) : undefined

const notBuilt =
  'this kernel was not built, and there is no compiler here: run `poolwright build`, or use the plugin of poolwright/unplugin; ' +
  'or open the device by openWebGpu of poolwright/webgpu, which brings the compiler'

/**
 * Declares a kernel that is built ahead of time. Export it from a spec module, `NAME.pool.ts`, with a comment that says what it
 * is for: both go into the built module.
 *
 *     export const halve = defineKernel(gaussian, { kernelSize: 3, stride: 2, padding: 1, targets: ['js', 'webgpu'] })
 *
 * @throws ArgumentError for no target, or one that is unknown. What the operator or its geometry breaks is told by the build.
 */
export const defineKernel = <
  D extends Declarations,
  R extends string,
  S extends boolean,
  const T extends BuildTarget,
  const Q extends R = R,
  const H extends RandomNames<D> = never,
  const B extends boolean = true,
>(
  operator: Operator<D, R, S>,
  options: KernelOptions<D, Q, H, T, B>,
): DefinedKernel<D, Q, S, H, T, B> => {
  const { targets, backward, ...others } = options
  if (targets.length === 0) throw new ArgumentError(`${operator.name}: targets is empty: give one of ${buildTargets.join(', ')}`)
  const unknown = targets.find((one) => !buildTargets.includes(one))
  if (unknown !== undefined)
    throw new ArgumentError(`${operator.name}: there is no target '${unknown}' to build for: give ${buildTargets.join(', ')}`)
  const made = async (target: 'js' | Target | undefined) => {
    if (!target) throw new ArgumentError(notBuilt)
    const kernel = await compile<D, R, S, Q, H>(operator, { ...others, target } as CompileOptions<D, Q, H>)
    const { operator: signature, geometry, forward } = kernel
    return backward === false ? { operator: signature, geometry, forward } : kernel
  }
  const getters = {
    js: () => made('js'),
    webgpu: (gpu: OpenedWebGpu) => made(gpu.target),
    cuda: ({ target }: { readonly target: Target }) => made(target),
  }
  const wanted = Object.fromEntries(targets.map((target) => [target, getters[target]]))
  return Object.freeze({ ...wanted, [definition]: { operator, options } }) as unknown as DefinedKernel<D, Q, S, H, T, B>
}

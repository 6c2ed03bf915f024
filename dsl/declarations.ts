/** What a declaration may say of a name: its role, and its shape or value. Plain data, made by small functions. */
import type { ParamShape, RandomShape } from './shapes.ts'
import { type RandomValue, randomNode } from './syntax.ts'

/** The tensor that is pooled; each operator has one. */
export interface InputDeclaration {
  readonly role: 'input'
}

/** A further tensor of the input's shape, layout and type. */
export interface TensorDeclaration {
  readonly role: 'tensor'
}

/** A parameter, broadcast against the output; its shape may be replaced when a kernel is made. */
export interface ParamDeclaration {
  readonly role: 'param'
  readonly shape: ParamShape
}

/** A number that is fixed when a kernel is made, and has no gradient. */
export interface AttrDeclaration {
  readonly role: 'attr'
  readonly value: number
}

/** A random value, made in the kernel from the seed or handed in. In a formula's body, the same is an occurrence of its own. */
export type RandomDeclaration = RandomValue

export type Declaration = InputDeclaration | TensorDeclaration | ParamDeclaration | AttrDeclaration | RandomDeclaration

/** What an operator declares, by name. */
export type Declarations = Readonly<Record<string, Declaration>>

/** Declares the tensor that is pooled. */
export const input = (): InputDeclaration => ({ role: 'input' })

/** Declares a further tensor of the input's shape, layout and type. */
export const tensor = (): TensorDeclaration => ({ role: 'tensor' })

/** Declares a parameter: a number, unless a shape is given. */
export const param = (shape: ParamShape = 'scalar'): ParamDeclaration => ({ role: 'param', shape })

/** Declares a number that is fixed when a kernel is made; `value` is its default. */
export const attr = (value: number): AttrDeclaration => ({ role: 'attr', value })

/**
 * A standard normal value. In a declaration it is a value with a name, which may be handed in instead; in a callback each
 * call is an occurrence with a stream of its own.
 */
export const normal = (shape: RandomShape): RandomDeclaration => randomNode('normal', shape)

/** A value uniform on [0, 1), declared or occurring as {@link normal} is. */
export const uniform = (shape: RandomShape): RandomDeclaration => randomNode('uniform', shape)

/** `poolwright/launch/js`: what modules of JavaScript kernels import that were built ahead of time. */
import type { ByDirection, Signed } from '../../codegen/signed.ts'
import { ArgumentError } from '../../dsl/errors.ts'
import { described } from './built.ts'
import { type JsLaunch, launchJs } from './js.ts'

export type { Tensor } from '../../dsl/tensor.ts'
export type { BuiltKernel, Cotangents, ForwardKernel } from './built.ts'

/** A built kernel; each direction is looked at when it is first called. */
export const jsKernel = (signed: Signed, { forward, backward }: ByDirection<() => JsLaunch>) => {
  const missing = (): never => {
    throw new ArgumentError(`${signed.signature.name} was built without its gradient`)
  }
  return described(signed, launchJs(signed, { forward, backward: backward ?? missing }), backward !== undefined)
}

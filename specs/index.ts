/** The operators that come with Poolwright, each exported by a name of its own, and all by the names that the command line takes. */
import type { Operator } from '../dsl/operator.ts'
import { alphaSoftmaxPool } from './alpha-softmax.ts'
import { avgPool } from './avg.ts'
import { gatedPool } from './gated.ts'
import { gaussianPool } from './gaussian.ts'
import { gemPool } from './gem.ts'
import { ispGaussianChannelPool, ispGaussianPool } from './isp-gaussian.ts'
import { ispGaussianInferencePool } from './isp-gaussian-inference.ts'
import { lipPool } from './lip.ts'
import { logsumexpPool } from './logsumexp.ts'
import { lpPool } from './lp.ts'
import { maxPool } from './max.ts'
import { minPool } from './min.ts'
import { mixedPool } from './mixed.ts'
import { softPool } from './softpool.ts'
import { stdPool } from './std.ts'
import { sumPool } from './sum.ts'
import { varPool } from './var.ts'

export {
  alphaSoftmaxPool,
  avgPool,
  gatedPool,
  gaussianPool,
  gemPool,
  ispGaussianChannelPool,
  ispGaussianInferencePool,
  ispGaussianPool,
  lipPool,
  logsumexpPool,
  lpPool,
  maxPool,
  minPool,
  mixedPool,
  softPool,
  stdPool,
  sumPool,
  varPool,
}

/** Every operator by its name. */
export const specs: ReadonlyMap<string, Operator> = new Map(
  [
    maxPool,
    minPool,
    avgPool,
    sumPool,
    lpPool,
    gemPool,
    logsumexpPool,
    varPool,
    stdPool,
    gaussianPool,
    ispGaussianPool,
    ispGaussianChannelPool,
    ispGaussianInferencePool,
    softPool,
    alphaSoftmaxPool,
    lipPool,
    mixedPool,
    gatedPool,
  ].map((operator) => [operator.name, operator]),
)

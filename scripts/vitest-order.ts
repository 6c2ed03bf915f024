/**
 * The slowest test files first, whatever tier they are of, and then the others as Vitest orders them: on two cores, one that
 * began last would run alone for minutes. Seconds are those of a run on two cores; only their order matters.
 */
import { relative, sep } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const seconds: Readonly<Record<string, number>> = {
  'test/cuda/target/golden.test.ts': 500,
  'test/property/webgpu.test.ts': 490,
  'test/webgpu/golden.test.ts': 330,
  'test/property/cuda.test.ts': 185,
  'test/cuda/target/spills.test.ts': 110,
  'test/docs/nvrtc.test.ts': 90,
  'test/webgpu/target.test.ts': 75,
  'test/browser/golden.test.ts': 70,
  'test/property/kernels.test.ts': 60,
  'test/built/build.test.ts': 50,
}

export default class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const of = ({ moduleId }: TestSpecification): number =>
      seconds[relative(this.ctx.config.root, moduleId).split(sep).join('/')] ?? 0
    return (await super.sort(files)).toSorted((a, b) => of(b) - of(a))
  }
}

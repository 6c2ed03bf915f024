/** In a page: golden cases, which it is served as files, compared by what `poolwright check` compares them with. */
import { layerRunners } from '../../../layers/golden.ts'
import { type CaseReport, checkCase, readGolden } from '../../../runtime/golden.ts'
import { openWebGpu } from '../../../runtime/webgpu/index.ts'
import { specs } from '../../../specs/index.ts'

/** A report on each case of a file, forward and backward. */
export const check = async (file: string): Promise<readonly CaseReport[]> => {
  const answer = await fetch(`/golden/${file}`)
  const { cases } = readGolden(await answer.text())
  const { target } = await openWebGpu()
  return Promise.all(cases.map((one) => checkCase(one, target, { operators: specs, layers: layerRunners })))
}

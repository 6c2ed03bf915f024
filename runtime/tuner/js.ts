/** JavaScript to the tuner: its schedules, its text, and the engine and processor that run it. */
import { emitJs } from '../../codegen/js/emit.ts'
import { defaultSchedule, type JsSchedule, jsAxes, refuse } from '../../codegen/js/schedule.ts'
import { jsSpace, reorderingAxes } from '../../codegen/js/space.ts'
import { programsOf } from '../../codegen/program.ts'
import { moduleBeside } from '../beside.ts'
import { jsStorage } from '../js-storage.ts'
import type { Fields } from '../store/store.ts'
import type { Target } from '../target.ts'
import { jsCost } from './js-model.ts'
import { checkPinned, type Problem, type Schedule, type Subject, searched } from './subject.ts'
import { hostPlace } from './trial/host.ts'
import type { Tuning } from './tuning.ts'

const subject = (problem: Problem): Subject => {
  const { operator, geometry, direction, dtype, extents, pinned, results } = problem
  const stored = jsStorage(dtype)
  checkPinned('js', jsAxes, problem)
  const program = programsOf(operator, geometry, results)[direction]
  const asJs = (schedule: Schedule): JsSchedule => schedule as unknown as JsSchedule
  return {
    problem,
    program,
    axes: searched(jsSpace(program, extents), reorderingAxes(program), problem),
    usual: { ...defaultSchedule(program), ...pinned },
    refuse: (schedule) => refuse(asJs(schedule), program),
    text: (schedule) => emitJs(program, asJs(schedule), stored).source,
    cost: (schedule) => jsCost(program, asJs(schedule), extents),
  }
}

/** The engine by its version; in Node the processor's name too, which a browser does not tell. */
const deviceHere = (): Fields => {
  const node = typeof process === 'undefined' ? undefined : process
  if (!node?.versions?.node) {
    const { navigator } = globalThis as { readonly navigator?: { readonly userAgent: string } }
    return { engine: navigator?.userAgent ?? 'unknown' }
  }
  const processor = node.getBuiltinModule?.('node:os').cpus()[0]?.model ?? 'unknown'
  return { engine: `Node.js ${node.versions.node}`, v8: node.versions.v8, processor }
}

export const jsTuningOf = (target: Target): Tuning => ({
  target: 'js',
  get device() {
    return deviceHere()
  },
  subject,
  open: async () => hostPlace(target),
  get where() {
    return { module: moduleBeside(import.meta.url, './trial/js'), options: {} }
  },
})

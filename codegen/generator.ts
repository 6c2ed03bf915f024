/** A hash of all that writes kernels, passes, emitters and templates: what is remembered of kernels is told apart by it. */
export { generator } from '../templates/compiled.ts'

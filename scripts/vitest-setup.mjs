/** Before any test: the compiled templates are those of the working tree. */
import { compileTemplates } from './compile-templates.mjs'

export const setup = () => compileTemplates()

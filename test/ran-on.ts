/** Which adapter ran a test, for the summary of the run. It stands with the test itself, so that nothing is said of tests that had none. */
import type { TestContext } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** The adapter's own name, as the test found it. */
    adapter?: string
  }
}

export const ranOn = (context: TestContext, adapter: string): void => {
  context.task.meta.adapter = adapter
}

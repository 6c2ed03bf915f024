/** Ctrl-C in work that takes long: what was done so far is kept. */

/** @param work - ends as soon as it may where its signal is aborted; a second Ctrl-C ends the process at once */
export const untilInterrupted = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop)
  }
}

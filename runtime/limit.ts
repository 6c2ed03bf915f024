/** At most so many at a time: the rest wait in line. */

/** Gives a function that runs tasks, `most` of them at once, in the order in which they came. */
export const limitTo = (most: number) => {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go))
    else running++
    try {
      return await task()
    } finally {
      // Whoever is next takes this place over, so that nobody slips in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

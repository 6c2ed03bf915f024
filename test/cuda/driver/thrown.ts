/** What work throws, as a value: to look at it from several sides, or for the same error twice. */
export const thrownBy = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

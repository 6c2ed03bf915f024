/** What the command line speaks to. Commands write here and never to the process, so that tests call them as functions. */
export interface Io {
  /** Results: what another program may read. */
  readonly out: (text: string) => void
  /** Errors, and to a terminal progress. */
  readonly err: (text: string) => void
  /** Whether a person watches `err`: progress goes nowhere else. */
  readonly watched: boolean
}

/** A line of progress, for a person only. */
export const progress = (io: Io, text: string): void => {
  if (io.watched) io.err(`${text}\n`)
}

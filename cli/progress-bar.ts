/** A bar of progress on one line of a terminal: each drawing takes the place of the last. */
import type { Io } from './io.ts'

const cells = 24
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** @param share - from 0 to 1 */
const barOf = (share: number): string => {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells * 8)
  const text = '█'.repeat(Math.floor(filled / 8)) + eighths[filled % 8]
  return text.padEnd(cells, '·')
}

export interface ProgressBar {
  show(share: number, text: string): void
  /** Takes the bar away, so that what is printed next begins a line. */
  clear(): void
}

/** For a person only: where nobody watches, nothing is drawn. */
export const progressBar = ({ err, watched }: Io): ProgressBar => ({
  show: (share, text) => {
    if (watched) err(`\r\x1b[K${barOf(share)} ${text}`)
  },
  clear: () => {
    if (watched) err('\r\x1b[K')
  },
})

/** A time that somebody waits: 34 s, 2 min 5 s. */
export const durationWords = (ms: number): string => {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

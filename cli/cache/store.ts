/** The store as `poolwright cache` works on it, and how it is told. */
import { FileStore } from '../../runtime/store/files/file-store.ts'
import type { Listed, Store, StoreWarning } from '../../runtime/store/store.ts'
import { CannotError } from '../exit.ts'
import type { Io } from '../io.ts'
import { grouped } from '../table.ts'

/** As commander gives them. */
export interface JsonFlag {
  readonly json?: boolean
}

type Corrupt = Extract<StoreWarning, { readonly kind: 'corrupt' }>

/** What a command says, to programs and to people. */
interface Answer {
  readonly report: object
  readonly text: string
}

/**
 * Works on the store, and prints what comes of it. For a kernel the store is only a help; here it is what was asked for, so
 * that one which cannot be read or written is told as what this machine cannot.
 *
 * @returns the entries that were found to be corrupt
 * @throws CannotError for such a store, when all that could be done is done
 */
export const withStore = async (
  flags: JsonFlag,
  io: Io,
  work: (store: Store) => Promise<Answer>,
): Promise<readonly Corrupt[]> => {
  const corrupt: Corrupt[] = []
  const failures: string[] = []
  const onWarning = (warning: StoreWarning): void => {
    if (warning.kind === 'corrupt') corrupt.push(warning)
    else failures.push(warning.message)
  }
  const refuseUnusable = (): void => {
    if (failures.length > 0) throw new CannotError(failures.join('\n'))
  }
  const store = new FileStore({ onWarning })
  const { report, text } = await work(store).catch((error: unknown) => {
    // What a store that cannot be read seems to lack is no mistake of the caller's.
    refuseUnusable()
    throw error
  })
  for (const { message } of corrupt) io.err(`${message}\n`)
  refuseUnusable()
  io.out(flags.json ? `${JSON.stringify(report, null, 2)}\n` : text)
  return corrupt
}

export const counted = (count: number, one = 'entry', many = 'entries'): string => `${grouped(count)} ${count === 1 ? one : many}`

export const bytesOf = (entries: readonly Listed[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0)

export const summaryOf = (entries: readonly Listed[]): string => `${counted(entries.length)}, ${grouped(bytesOf(entries))} bytes`

/** `poolwright cache export` and `import`: what is remembered, carried to another machine. */
import { basename } from 'node:path'
import { decodeBundle, encodeBundle, markImported, type Placed } from '../../runtime/store/bundle.ts'
import { folders, type Listed } from '../../runtime/store/store.ts'
import { writeFiles } from '../files/atomic.ts'
import { readBytes } from '../files/read.ts'
import type { Io } from '../io.ts'
import { grouped } from '../table.ts'
import { counted, type JsonFlag, withStore } from './store.ts'

export interface BundleFlags extends JsonFlag {
  readonly binaries?: boolean
}

const isBinary = ({ folder }: Pick<Listed, 'folder'>): boolean => `${folder}/`.startsWith(`${folders.binaries}/`)

/** Writes a bundle: all but binaries, or with them. */
export const exportBundle = async (file: string, flags: BundleFlags, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    const entries: Placed[] = []
    for (const listed of await store.list()) {
      if (isBinary(listed) && !flags.binaries) continue
      const entry = await store.get(listed.folder, listed.name)
      if (entry !== undefined) entries.push({ folder: listed.folder, name: listed.name, ...entry })
    }
    const bytes = await encodeBundle({ exported: new Date().toISOString(), entries })
    await writeFiles([{ path: file, bytes }])
    return {
      report: { file, entries: entries.length, bytes: bytes.length },
      text: `${file}: ${counted(entries.length)}, ${grouped(bytes.length)} bytes\n`,
    }
  })
}

/** Takes over what a bundle has. What was measured on this machine is worth more, and stays. */
export const importBundle = async (file: string, flags: BundleFlags, io: Io): Promise<void> => {
  await withStore(flags, io, async (store) => {
    const { exported, entries } = await decodeBundle(await readBytes(file), file)
    const wanted = entries.filter((entry) => flags.binaries || !isBinary(entry))
    const mark = { from: basename(file), exported, at: new Date().toISOString() }
    let imported = 0
    for (const { folder, name, fields, value } of wanted) {
      if ((await store.get(folder, name)) !== undefined) continue
      await store.put(folder, name, { fields: markImported(fields, mark), value })
      imported++
    }
    const there = wanted.length - imported
    const binaries = entries.length - wanted.length
    const left = binaries > 0 ? `; ${counted(binaries, 'binary', 'binaries')} left out, for want of --binaries` : ''
    return {
      report: { file, exported, imported, there, binaries },
      text: `${file}, exported ${exported}: ${counted(imported)} imported, ${grouped(there)} there already${left}\n`,
    }
  })
}

/** Tuning when a kernel is compiled, in Node: by processes, and remembered in the user's own folder. */
import { FileStore } from '../../store/files/file-store.ts'
import { tunerOn } from '../on-compile.ts'
import { trialsIn } from './trials.ts'

export const tuneBoth = tunerOn({ store: () => new FileStore(), trials: trialsIn })

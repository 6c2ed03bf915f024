/** The words of `poolwright cache`: one command for each thing to do with what is remembered. */
import type { Command } from 'commander'
import type { BundleFlags } from '../cache/bundle.ts'
import type { ExplainFlags } from '../cache/explain.ts'
import type { JsonFlag } from '../cache/store.ts'
import type { PruneFlags } from '../commands/cache.ts'
import type { ExitCode } from '../exit.ts'
import type { Io } from '../io.ts'

const examples = `
Examples:
    $ poolwright cache ls
    $ poolwright cache verify
    $ poolwright cache explain key.json
    $ poolwright cache prune --limit 200M --older 90
    $ poolwright cache export tuned.pool && poolwright cache import tuned.pool

It is in POOLWRIGHT_CACHE, or in poolwright in XDG_CACHE_HOME or ~/.cache, and takes POOLWRIGHT_CACHE_LIMIT bytes at most,
by default 1G. What is imported is checked again before it is used; binaries are taken only where you say so, since they
run as they are.
`

const lsTeaches = `
Examples:
    $ poolwright cache ls
    $ poolwright cache ls tuning --json

cuda has binaries; tuning has a folder for each kernel that was tuned, by the hash of its key.
`

const explainTeaches = `
Examples:
    $ poolwright cache explain --key 5f0c1a
    $ poolwright cache explain --key 5f0c1a --json
    $ poolwright cache explain key.json

poolwright cache ls tuning lists the keys. A file has the fields of a key as JSON: take what --key HASH --json prints as wanted,
and change what you look for.
`

const exportTeaches = `
Examples:
    $ poolwright cache export tuned.pool
    $ poolwright cache export all.pool --binaries

The bundle is one file; poolwright cache import takes it over on another machine.
`

const importTeaches = `
Examples:
    $ poolwright cache import tuned.pool

A bundle is taken whole or not at all. What was measured on another machine is where a search may begin: poolwright tune tries it
here before it counts for anything.
`

const pruneTeaches = `
Examples:
    $ poolwright cache prune
    $ poolwright cache prune --limit 200M --older 90
    $ poolwright cache prune --all
`

const verifyTeaches = `
Examples:
    $ poolwright cache verify && echo all whole

What is removed is made once more when it is needed.
`

const load = () => import('../commands/cache.ts')

/** Adds `cache` with its commands to the program. */
export const addCacheCommand = (program: Command, io: Io, done: (code: ExitCode) => void, exitCodes: string): void => {
  const cache = program
    .command('cache')
    .summary('look after what is remembered: tuning results and binaries')
    .description('Lists, explains, carries, prunes and verifies what is remembered between runs: tuning results and binaries.')
    .addHelpText('after', examples + exitCodes)

  const command = (usage: string, summary: string, teaches: string): Command =>
    cache
      .command(usage)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .option('--json', 'print as JSON')
      .addHelpText('after', teaches + exitCodes)

  command('ls [folder]', 'list folders, with entries, bytes and last use', lsTeaches).action(
    async (folder: string | undefined, flags: JsonFlag) => (await load()).ls(folder, flags, io),
  )
  command('explain [file]', 'say why a look-up missed: the nearest key, and the fields that differ', explainTeaches)
    .usage('KEY.json|--key HASH [options]')
    .option('--key <HASH>', 'a key that is stored, by its name or the start of it, instead of a file with the wanted fields')
    .option('--in <FOLDER>', 'the folder to look in', 'tuning')
    .action(async (file: string | undefined, flags: ExplainFlags) =>
      (await import('../cache/explain.ts')).explain(file, flags, io),
    )
  command('export <file>', 'write a bundle of tuning results', exportTeaches)
    .option('--binaries', 'with CUDA binaries')
    .action(async (file: string, flags: BundleFlags) => (await import('../cache/bundle.ts')).exportBundle(file, flags, io))
  command('import <file>', 'take over the results of a bundle; what is there already stays', importTeaches)
    .option('--binaries', 'with CUDA binaries, which run as they are: only from those whom you trust')
    .action(async (file: string, flags: BundleFlags) => (await import('../cache/bundle.ts')).importBundle(file, flags, io))
  command('prune', 'remove what was used least recently, down to the limit', pruneTeaches)
    .option('--limit <BYTES>', 'the bytes that may stay, such as 200M (default: the limit of the store)')
    .option('--older <DAYS>', 'what was not used for so many days goes too')
    .option('--all', 'everything goes')
    .action(async (flags: PruneFlags) => (await load()).pruneStore(flags, io))
  command('verify', 'read every entry, and remove what is corrupt; exits 1 where there was any', verifyTeaches).action(
    async (flags: JsonFlag) => done(await (await load()).verify(flags, io)),
  )
}

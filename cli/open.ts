/** Opens what the options name: the engine, and the sources of files and config. */
import { availableParallelism, totalmem } from 'node:os'
import { existsSync } from 'node:fs'
import { SessionqlError } from '../dsl/errors.js'
import { createFileSource } from '../connectors/file/file.js'
import type { Source } from '../connectors/source.js'
import { Engine } from '../engine/engine.js'
import { MOST_THREADS, type Threads } from '../engine/parallel/workers.js'
import { didYouMean, parseSize, type Options } from './arguments.js'
import type { Context } from './command.js'
import { UsageError } from './exit.js'

/** Sources by --source, or all of --config. A name of the config goes before a file of that name. @throws UsageError, SourceError */
export async function openSources(options: Options, { say }: Context): Promise<Source[]> {
  const names = options.all('source')
  const path = options.one('config')
  if (path === undefined) {
    if (names.length === 0 && options.one('data') === undefined) throw new UsageError('nothing to read: give --source, --config or --data')
    return names.map(name => fileSource(name, options))
  }
  const { loadConfig } = await import('../connectors/config.js')
  const { createSource } = await import('../connectors/registry.js')
  const { Budgets } = await import('../connectors/http/budgets.js')
  const budgets = new Budgets()
  const config = await loadConfig(path).catch((error: unknown) => {
    if (!(error instanceof SessionqlError)) throw error
    throw new UsageError(error.code === 'file_not_found' ? error.message : `${path}: ${error.message}`)
  })
  for (const warning of config.warnings) say(warning)
  const known = [...config.sources.keys()]
  const wanted = names.length === 0 ? known : names
  return wanted.map(name => {
    const settings = config.sources.get(name)
    const follows = options.one('follow') !== undefined && settings?.type === 'file'
    if (settings) return createSource(name, follows ? { ...settings, follow: true } : settings, budgets)
    if (name === '-' || existsSync(name) || looksLikePath(name)) return fileSource(name, options)
    throw new UsageError(`--source ${name}: neither a source of ${path} nor a file.${didYouMean(name, known)} The config has ${known.join(', ')}`)
  })
}

function looksLikePath(name: string): boolean {
  return /[/\\*?.[{]/.test(name)
}

function fileSource(path: string, options: Options): Source {
  const follows = options.one('follow') !== undefined
  return createFileSource(path === '-' ? 'stdin' : path, { path, ...path !== '-' && follows && { follow: true } }, { isAwaited: follows })
}

/** Of the machine's memory, without --memory: an error that names the limit beats a process that is killed. */
const MEMORY_SHARE = 0.75

/**
 * In memory without --data. A data folder is only read where there is no source to store. The columns that the sources describe are known from the start.
 * @param keep the only columns that will be asked for, where that is known
 */
export async function openEngine(options: Options, sources: readonly Source[], threads?: Threads, keep: ReadonlySet<string> | null = null): Promise<Engine> {
  const dataDir = options.one('data')
  const columns = new Map(sources.flatMap(source => source.describe().map(({ name, type }) => [name, type] as const)))
  return Engine.open({ columns, memoryBudget: memoryOf(options), ...threads && { threads }, ...keep !== null && dataDir === undefined && { keep }, ...dataDir !== undefined && { dataDir, readOnly: sources.length === 0 } })
}

/** The data folder alone. */
export async function openFolder(options: Options, { readOnly }: { readonly readOnly: boolean }): Promise<Engine> {
  const retention = options.one('retention')
  return Engine.open({ dataDir: options.one('data')!, readOnly, memoryBudget: memoryOf(options), ...retention !== undefined && { retention } })
}

/** As many as the machine has for this process, where nothing is said. */
export async function threadsOf(options: Options): Promise<Threads> {
  // A file of its own in the bundle as well, for threads begin with it.
  const { workerThreads } = await import('../threads/node.js')
  return workerThreads(threadCount(options))
}

function threadCount(options: Options): number {
  const text = options.one('threads')
  if (text === undefined) return Math.min(MOST_THREADS, availableParallelism())
  const threads = Number(text)
  if (/^\d+$/.test(text) && threads >= 1 && threads <= MOST_THREADS) return threads
  throw new UsageError(`--threads ${JSON.stringify(text)}: a whole number from 1 to ${MOST_THREADS} is expected`)
}

function memoryOf(options: Options): number {
  const memory = options.one('memory')
  return memory === undefined ? Math.floor(totalmem() * MEMORY_SHARE) : parseSize(memory)
}

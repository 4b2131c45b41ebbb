/** Where queries come from: a file or stdin, all known at once or one after the other. */
import { createReadStream, fstatSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import type { Options } from './arguments.js'
import type { Context } from './command.js'
import { UsageError } from './exit.js'
import { splitQueries, type QueryText } from './queries.js'

const STDIN_FD = 0
/** How long more queries are waited for on a pipe: a program that asks one at a time keeps it open, `echo` has closed it long ago. */
const AT_HAND_MS = 10

export interface QueryInput {
  /** Whether all queries can be read before the first is answered: no other program waits for answers in between. */
  readonly complete: boolean
  readonly texts: AsyncIterable<QueryText>
}

/** @throws UsageError for a file that cannot be read, or stdin wanted for two things */
export async function openQueries(options: Options, { stdin, signal, err }: Context): Promise<QueryInput> {
  const path = options.one('query')
  if (path !== undefined && path !== '-') {
    const file = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`--query ${path}: ${error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.code})`}`)
    })
    if (!file.isFile()) throw new UsageError(`--query ${path}: is not a file`)
    return { complete: true, texts: splitQueries(createReadStream(path, { encoding: 'utf8', signal })) }
  }
  if (options.all('source').includes('-')) throw new UsageError('--source - takes stdin for sessions; give the query with --query FILE')
  if (stdin.isTTY) err.write('Type the query; Ctrl-D ends the input.\n')
  return { complete: stdinIsFile(), texts: splitQueries(addAbortSignal(signal, stdin.setEncoding('utf8'))) }
}

/** The queries that are there by now, and those that may follow; null where these were all. */
export interface QueriesAtHand {
  readonly queries: readonly QueryText[]
  readonly more: AsyncIterable<QueryText> | null
}

export async function queriesAtHand({ complete, texts }: QueryInput): Promise<QueriesAtHand> {
  const input = texts[Symbol.asyncIterator]()
  const queries: QueryText[] = []
  for (;;) {
    const next = input.next()
    const known = complete ? await next : await withinMs(next, AT_HAND_MS)
    if (known === null) return { queries, more: after(next, input) }
    if (known.done === true) return { queries, more: null }
    queries.push(known.value)
  }
}

/** null where it takes longer. */
async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout
  const late = new Promise<null>(resolve => { timer = setTimeout(resolve, ms, null) })
  return Promise.race([promise, late]).finally(() => { clearTimeout(timer) })
}

async function* after<T>(first: Promise<IteratorResult<T>>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  for (let next = await first; next.done !== true; next = await rest.next()) yield next.value
}

function stdinIsFile(): boolean {
  try {
    return fstatSync(STDIN_FD).isFile()
  } catch {
    return false
  }
}

/** The common course of `query` and `explain`: queries in, one answer or error each, and the exit code. */
import { QueryError, type QueryIssue } from '../dsl/errors.js'
import { readRequest, readRequestText, type AnyInput } from '../dsl/dialect.js'
import { isDruidQuery } from '../dsl/druid/parse.js'
import { parseJson } from '../dsl/parse.js'
import type { AnyQuery, Span } from '../dsl/query.js'
import type { Engine } from '../engine/engine.js'
import { columnsOf } from '../engine/plan/columns.js'
import type { Options } from './arguments.js'
import type { Context } from './command.js'
import { askConsent } from './consent.js'
import { describeError, errorLine, EXIT, exitCodeOf, UsageError, worse } from './exit.js'
import { openEngine, openSources, threadsOf } from './open.js'
import { OutputClosed } from './output.js'
import { PlainProgress } from './plain-progress.js'
import { MAX_QUERY_LENGTH, type QueryText } from './queries.js'
import { openQueries, queriesAtHand } from './query-input.js'
import { QuerySources } from './query-sources.js'

/** So many do not pay for putting in order what was read. */
const FEW_QUERIES = 8

export interface Answering {
  /** Whether a program reads the output line by line: then an error is a line too. */
  readonly lines: boolean
  answer(engine: Engine, input: AnyInput): Promise<void>
}

export async function answerAll(options: Options, context: Context, answering: Answering): Promise<number> {
  const input = await openQueries(options, context)
  const sources = await openSources(options, context)
  const { queries, more } = await queriesAtHand(input)
  const asked = more === null ? askedBy(queries) : null
  const engine = await openEngine(options, sources, await threadsOf(options), asked && columnsRead(asked))
  try {
    await askConsent(sources, engine, options, context, false)
    const progress = await openProgress(context)
    const whole = options.one('data') !== undefined
    const reading = new QuerySources(engine, sources, { signal: context.signal, progress, whole, settle: whole || asked === null || queries.length > FEW_QUERIES, say: context.say })
    if (asked !== null) await readAhead(asked, reading)
    const code = await answerEach(allOf(queries, more), { engine, reading, context, answering })
    return worse(code, reading.exitCode)
  } finally {
    await engine.close()
  }
}

/** A terminal's takes a while to load. */
async function openProgress({ err }: Context): Promise<PlainProgress> {
  if (!err.isTTY) return new PlainProgress(err, { announce: false })
  const { Progress } = await import('./progress.js')
  return new Progress(err, { announce: false })
}

async function* allOf(queries: readonly QueryText[], more: AsyncIterable<QueryText> | null): AsyncGenerator<QueryText> {
  yield* queries
  if (more !== null) yield* more
}

interface Asked {
  readonly query: AnyQuery
  readonly isDruid: boolean
}

/** What the queries without a fault ask: what is wrong with others is told when their turn comes. */
function askedBy(queries: readonly QueryText[]): Asked[] {
  return queries.flatMap(({ text }) => {
    try {
      const input = parseJson(text ?? '')
      return [{ query: readRequest(input).query, isDruid: isDruidQuery(input) }]
    } catch {
      return []
    }
  })
}

/** Names of the columns that the queries read; null where that is not known before the sessions are: Druid's may ask what all columns hold. */
function columnsRead(asked: readonly Asked[]): Set<string> | null {
  return asked.some(({ isDruid }) => isDruid) ? null : new Set(asked.flatMap(({ query }) => [...columnsOf(query)]))
}

/** All queries are known: the sources are read once, for the times that any of them asks for. */
async function readAhead(asked: readonly Asked[], reading: QuerySources): Promise<void> {
  const intervals = asked.map(({ query }) => timeRead(query))
  if (intervals.length === 0) return
  const start = Math.min(...intervals.map(interval => interval.start))
  const end = Math.max(...intervals.map(interval => interval.end))
  // A failure is told with each query that it leaves without an answer.
  await reading.cover({ start, end }).catch(() => undefined)
}

interface Run {
  readonly engine: Engine
  readonly reading: QuerySources
  readonly context: Context
  readonly answering: Answering
}

async function answerEach(queries: AsyncIterable<QueryText>, { engine, reading, context, answering }: Run): Promise<number> {
  const { signal, out, say } = context
  let code: number = EXIT.ok
  let number = 0
  for await (const query of queries) {
    number++
    try {
      await reading.cover(intervalOf(query, engine, reading))
      await answering.answer(engine, JSON.parse(query.text!) as AnyInput)
    } catch (error) {
      if (signal.aborted || error instanceof OutputClosed || error instanceof UsageError) throw error
      code = worse(code, exitCodeOf(error))
      say(`${query.line === 1 ? '' : `query at line ${query.line}: `}${describeError(error)}`)
      if (answering.lines) await out.write([errorLine(error)], signal)
    }
  }
  if (number === 0) throw new UsageError('no query was given: write one to stdin, or name a file with --query FILE')
  return code
}

/** From the first to the last session that a query may read. */
function timeRead(query: AnyQuery): Span {
  const other = query.kind === 'aggregate' ? query.compare?.interval : undefined
  return other === undefined ? query.interval : { start: Math.min(query.interval.start, other.start), end: Math.max(query.interval.end, other.end) }
}

/** @throws QueryError with all its faults; before the sources are read a name that is not known yet is none */
function intervalOf(query: QueryText, engine: Engine, reading: QuerySources): Span {
  try {
    return timeRead(parse(query))
  } catch (error) {
    if (!(error instanceof QueryError) || query.text === null) throw error
    throw new QueryError(allFaults(query.text, engine, error).filter(({ code }) => reading.hasRead || code !== 'unknown_dimension'))
  }
}

function allFaults(text: string, engine: Engine, found: QueryError): readonly QueryIssue[] {
  try {
    readRequestText(text, engine.columns)
  } catch (error) {
    if (error instanceof QueryError) return error.issues
  }
  return found.issues
}

/** Everything but the names of columns, which are not known before the sources are read. */
function parse({ text }: QueryText): AnyQuery {
  if (text !== null) return readRequestText(text).query
  const message = `the text is longer than ${MAX_QUERY_LENGTH.toLocaleString('en-US')} characters.`
  throw new QueryError([{ code: 'too_large', pointer: '', message }])
}

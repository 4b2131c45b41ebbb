/**
 * ClickHouse in this process, through chDB: a MergeTree ordered by time, merged to one part, with LowCardinality columns and fixed-width identifiers.
 * It always prints its rows as text; that is part of its time, reading the text is its handing over.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare } from '../compare.js'
import { hasUrls } from '../generate.js'
import type { Question } from '../suite.js'
import { CLICKHOUSE_QUESTIONS } from './clickhouse-sql.js'
import type { Contender, HandOver, Rows } from './contender.js'
import { text } from './sql-text.js'

/** The part of chDB that is used; it is installed with bench/package.json. */
interface Session {
  query(sql: string, format?: string): string
  cleanup(): void
}

const PACKAGE = 'chdb'

const READ_COLUMNS = [
  'session_id String', 'visitor_id String', "started_at DateTime64(3, 'UTC')", 'country String', 'city String', 'browser_name String',
  'browser_version String', 'device_type String', 'os_name String', 'ip_organization String', 'session_duration_secs Float64',
  'distinct_visited_urls_count UInt32', 'rooms Array(String)'
]
const URL_COLUMN = 'distinct_visited_urls Array(String)'
const TYPES: ReadonlyMap<string, string> = new Map([
  ['session_id', 'FixedString(36)'], ['visitor_id', 'FixedString(32)'], ['rooms', 'Array(LowCardinality(String))'],
  ...['country', 'city', 'browser_name', 'browser_version', 'device_type', 'os_name', 'ip_organization'].map((name): [string, string] => [name, 'LowCardinality(String)'])
])
/** The table function over a dataset's file with its columns spelled out, so that nothing is guessed or read that is not there. */
function readFile(path: string): string {
  return `file(${text(path)}, 'JSONEachRow', ${text(readColumns(path).join(', '))})`
}

const readColumns = (path: string): string[] => [...READ_COLUMNS, ...(hasUrls(path) ? [URL_COLUMN] : [])]

const settings = (threads: number): string =>
  `SETTINGS date_time_input_format = 'best_effort', max_threads = ${threads}, output_format_json_quote_64bit_integers = 0`

/** The SQL of a question of the suite over a file, with its settings: what a process of its own is asked. */
export function overFile(question: Question, path: string, threads: number): string {
  const [sql] = waysOf(question, estimated)
  return `${sql!.replaceAll('FROM sessions', `FROM ${readFile(path)}`)} ${settings(threads)}`
}

const estimated = (column: string): string => `uniqCombined(16)(${column})`

function waysOf({ name }: Question, distinct: (column: string) => string): readonly string[] {
  const ways = CLICKHOUSE_QUESTIONS.get(name)
  if (ways === undefined) throw new Error(`nobody wrote ${name} for ClickHouse`)
  return ways(distinct)
}

/** Rounds in which the fastest way is sought, after the run that was compared. */
const TRIALS = 3

export class ClickHouse implements Contender {
  readonly name = 'ClickHouse'
  readonly maxThreads = Infinity
  readonly version: string
  readonly #session: Session
  readonly #folder: string
  readonly #chosen = new Map<string, string>()
  #threads = 1

  constructor(session: Session, folder: string) {
    this.#session = session
    this.#folder = folder
    this.version = session.query('SELECT version()', 'TabSeparated').trim()
  }

  async load(path: string): Promise<number> {
    const columns = readColumns(path).map(column => {
      const [name, type] = [column.slice(0, column.indexOf(' ')), column.slice(column.indexOf(' ') + 1)]
      return `${name} ${TYPES.get(name) ?? type}`
    })
    this.#session.query(`CREATE TABLE sessions (${columns.join(', ')}) ENGINE = MergeTree ORDER BY started_at`)
    this.#session.query(`INSERT INTO sessions SELECT * FROM ${readFile(path)} ${settings(this.#threads)}, max_insert_threads = ${this.#threads}`)
    return Number(this.#session.query('SELECT count() FROM sessions', 'TabSeparated'))
  }

  async prepare(): Promise<void> {
    this.#session.query('OPTIMIZE TABLE sessions FINAL')
  }

  async setThreads(threads: number): Promise<void> {
    this.#threads = threads
  }

  /** A way whose answer is wrong does not count, unless all are. */
  async choose(question: Question): Promise<string> {
    const written = waysOf(question, estimated)
    const exact = written.length === 1 ? [] : await this.exact(question)
    const right = written.length === 1 ? [] : written.filter(sql => compare(question.query, exact, rowsOf(question, this.#ask(sql))).differences.length === 0)
    const ways = right.length === 0 ? written : right
    const best = ways.map(() => Infinity)
    for (let round = 0; round < TRIALS && ways.length > 1; round++) {
      for (const [i, sql] of ways.entries()) {
        const started = performance.now()
        this.#ask(sql)
        best[i] = Math.min(best[i]!, performance.now() - started)
      }
    }
    const chosen = ways.length === 1 ? ways[0]! : ways[best.indexOf(Math.min(...best))]!
    this.#chosen.set(this.#key(question), chosen)
    return written.length === 1 ? '' : `way ${written.indexOf(chosen) + 1} of ${written.length}`
  }

  async run(question: Question): Promise<HandOver> {
    const sql = this.#chosen.get(this.#key(question))
    if (sql === undefined) throw new Error(`no way was chosen for ${question.name}`)
    const answer = this.#ask(sql)
    return () => rowsOf(question, answer)
  }

  async exact(question: Question): Promise<Rows> {
    return rowsOf(question, this.#ask(waysOf(question, column => `uniqExact(${column})`)[0]!))
  }

  /** Rows of any statement by the names of their columns. */
  async objects(sql: string): Promise<Record<string, unknown>[]> {
    return this.#ask(sql, 'JSONEachRow').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Record<string, unknown>)
  }

  async close(): Promise<void> {
    this.#session.cleanup()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #key(question: Question): string {
    return `${this.#threads} ${question.name}`
  }

  #ask(sql: string, format = 'JSONCompactEachRow'): string {
    return this.#session.query(`${sql} ${settings(this.#threads)}`, format)
  }
}

/** Quantiles come with their list in front of them; no other value is an array. */
export function rowsOf({ query }: Question, answer: string): Rows {
  const rows = answer.split('\n').filter(line => line !== '').map(line => (JSON.parse(line) as (Rows[number][number] | unknown[])[]).filter(value => !Array.isArray(value)) as Rows[number])
  return query.granularity.type === 'all' ? rows.map(row => [query.interval.start, ...row]) : rows
}

export async function open(): Promise<ClickHouse> {
  const { Session: Opened } = await import(PACKAGE) as { Session: new (path: string) => Session }
  const folder = mkdtempSync(join(tmpdir(), 'sessionql-clickhouse-'))
  const session = new Opened(folder)
  session.query('CREATE DATABASE bench ENGINE = Atomic')
  session.query('USE bench')
  return new ClickHouse(session, folder)
}

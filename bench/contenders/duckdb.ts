/**
 * DuckDB in memory, sorted by time. Columns of few values become ENUMs, its counterpart of a dictionary:
 * measured faster for grouping and filtering. Identifiers stay VARCHAR: UUID is not faster and its distinct estimate is worse.
 */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { hasUrls } from '../generate.js'
import { COLUMNS, type Question } from '../suite.js'
import type { Contender, HandOver, Rows } from './contender.js'
import { toSql, ways, type Statement, type Way } from './duckdb-sql.js'
import { quote, text } from './sql-text.js'

/** The types that the file is read with. */
const READ_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['session_id', 'VARCHAR'], ['visitor_id', 'VARCHAR'], ['started_at', 'TIMESTAMP'], ['country', 'VARCHAR'], ['city', 'VARCHAR'],
  ['browser_name', 'VARCHAR'], ['browser_version', 'VARCHAR'], ['device_type', 'VARCHAR'], ['os_name', 'VARCHAR'],
  ['ip_organization', 'VARCHAR'], ['session_duration_secs', 'DOUBLE'], ['distinct_visited_urls_count', 'INTEGER'], ['rooms', 'VARCHAR[]']
])
const URL_COLUMN = ['distinct_visited_urls', 'VARCHAR[]'] as const

const ENUMS = ['country', 'city', 'browser_name', 'browser_version', 'device_type', 'os_name']
const ENUM_ARRAYS = ['rooms']
/** Rounds in which the fastest way is sought; the first warms up. */
const TRIALS = 4
/** A way that took this many times the fastest one's time is not tried again. */
const HOPELESS = 2

/** `read_json(…)` over a dataset's file with its columns spelled out, so that nothing is guessed or read that is not there. */
export function readJson(path: string): string {
  const columns = [...READ_COLUMNS, ...(hasUrls(path) ? [URL_COLUMN] : [])]
  const types = columns.map(([name, type]) => `${name}: ${text(type)}`)
  return `read_json(${text(path)}, format = 'newline_delimited', columns = {${types.join(', ')}})`
}

/** The plainest way, through DuckDB's own calendar: what the cleverer ways are checked against. */
const EXACT_WAY: Way = { bucket: 'truncate', explode: 'unnest' }

interface Chosen {
  readonly way: Way
  readonly statement: Statement
}

export class DuckDB implements Contender {
  readonly name = 'DuckDB'
  readonly maxThreads = Infinity
  readonly version: string
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  /** By thread count and question: the fastest way may differ. */
  readonly #chosen = new Map<string, Chosen>()
  #threads = 1

  constructor(instance: DuckDBInstance, connection: DuckDBConnection, version: string) {
    this.#instance = instance
    this.#connection = connection
    this.version = version
  }

  async load(path: string): Promise<number> {
    await this.#connection.run(`CREATE TABLE sessions AS SELECT * FROM ${readJson(path)} ORDER BY started_at`)
    const counted = await this.#connection.runAndReadAll('SELECT count(*)::DOUBLE FROM sessions')
    return Number(counted.getRowsJS()[0]![0])
  }

  async prepare(): Promise<void> {
    for (const column of ENUMS) await this.#enum(column, quote(column))
    for (const column of ENUM_ARRAYS) await this.#enum(column, `unnest(${quote(column)})`)
    const casts = [...ENUMS.map(column => [column, '']), ...ENUM_ARRAYS.map(column => [column, '[]'])]
      .map(([column, suffix]) => `${quote(column!)}::${quote(`${column}_enum`)}${suffix} AS ${quote(column!)}`)
    await this.#connection.run(`CREATE TABLE prepared AS SELECT * REPLACE (${casts.join(', ')}) FROM sessions ORDER BY started_at`)
    await this.#connection.run('DROP TABLE sessions')
    await this.#connection.run('ALTER TABLE prepared RENAME TO sessions')
  }

  /** Values in ascending order, so that ENUMs sort like their strings. */
  async #enum(column: string, values: string): Promise<void> {
    await this.#connection.run(`CREATE TYPE ${quote(`${column}_enum`)} AS ENUM (
      SELECT value FROM (SELECT DISTINCT ${values} AS value FROM sessions) WHERE value IS NOT NULL ORDER BY value)`)
  }

  async setThreads(threads: number): Promise<void> {
    if (threads === this.#threads) return
    await this.#connection.run(`SET threads = ${threads}`)
    this.#threads = threads
  }

  async choose(question: Question): Promise<string> {
    const candidates = ways(question.query, COLUMNS)
      .map(way => ({ way, statement: toSql(question.query, way, { columns: COLUMNS, table: 'sessions' }) }))
    const best = await this.#fastest(candidates)
    this.#chosen.set(this.#key(question), best)
    return [
      ...(question.query.granularity.type === 'all' ? [] : [best.way.bucket]),
      ...(candidates.some(({ way }) => way.explode === 'union') ? [best.way.explode] : [])
    ].join(', ')
  }

  async #fastest(candidates: readonly Chosen[]): Promise<Chosen> {
    let tried = candidates.map(candidate => ({ candidate, ms: Infinity }))
    for (let round = 0; round < TRIALS && (round === 0 || tried.length > 1); round++) {
      for (const trial of tried) {
        const started = performance.now()
        await this.#connection.run(trial.candidate.statement.sql)
        trial.ms = Math.min(trial.ms, performance.now() - started)
      }
      tried.sort((a, b) => a.ms - b.ms)
      tried = tried.filter(({ ms }) => ms < tried[0]!.ms * HOPELESS)
    }
    return tried[0]!.candidate
  }

  #key(question: Question): string {
    return `${this.#threads} ${question.name}`
  }

  async run(question: Question): Promise<HandOver> {
    const chosen = this.#chosen.get(this.#key(question))
    if (chosen === undefined) throw new Error(`no way was chosen for ${question.name}`)
    const result = await this.#connection.run(chosen.statement.sql)
    return async () => sessionqlRows(question, chosen.statement, await result.getRowsJS())
  }

  async exact(question: Question): Promise<Rows> {
    const statement = toSql(question.query, EXACT_WAY, { columns: COLUMNS, table: 'sessions', exact: true })
    const reader = await this.#connection.runAndReadAll(statement.sql)
    return sessionqlRows(question, statement, reader.getRowsJS())
  }

  /** Rows of any statement by the names of their columns. */
  async objects(sql: string): Promise<Record<string, unknown>[]> {
    const reader = await this.#connection.runAndReadAll(sql)
    return reader.getRowObjectsJS()
  }

  async close(): Promise<void> {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

/** DuckDB's rows with the bucket as epoch ms in front. */
function sessionqlRows({ query }: Question, { stamp }: Statement, rows: readonly (readonly unknown[])[]): Rows {
  if (query.granularity.type === 'all') return rows.map(row => [query.interval.start, ...row as Rows[number]])
  return rows.map(([bucket, ...rest]) => [stamp(Number(bucket)), ...rest as Rows[number]])
}

export async function open(): Promise<DuckDB> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  // Without this each load keeps the file's row order, which the sort throws away anyway.
  await connection.run('SET preserve_insertion_order = false')
  const version = await connection.runAndReadAll('SELECT version()')
  return new DuckDB(instance, connection, String(version.getRowsJS()[0]![0]))
}

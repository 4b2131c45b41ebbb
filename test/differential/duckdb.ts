/** DuckDB in this process, as the second opinion. */
import { DuckDBInstance, LIST, VARCHAR, listValue, type DuckDBAppender, type DuckDBConnection } from '@duckdb/node-api'
import type { ColumnType } from '../../dsl/query.js'
import { startOf } from '../support/brute-force.js'
import type { Value } from '../support/query-json.js'
import type { Dataset } from '../support/sessions.js'
import { identifier, type Statement } from './sql.js'

const SQL_TYPES: Record<ColumnType, string> = { string: 'VARCHAR', number: 'DOUBLE', strings: 'VARCHAR[]' }

export class Duck {
  readonly #connection: DuckDBConnection
  #timeZone = ''

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  static async open(): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    return new Duck(await instance.connect())
  }

  /** Replaces the tables: `arrived` has all sessions as they came, `latest` what remains by source and session_id. */
  async load({ sessions, columns }: Pick<Dataset, 'sessions' | 'columns'>): Promise<void> {
    const typed = [...columns].filter(([name]) => name !== 'started_at')
    const definitions = typed.map(([name, type]) => `${identifier(name)} ${SQL_TYPES[type]}`)
    await this.#connection.run(`CREATE OR REPLACE TABLE arrived ("#seq" INTEGER, started_at DOUBLE, ${definitions.join(', ')})`)
    const appender = await this.#connection.createAppender('arrived')
    for (const [seq, session] of sessions.entries()) {
      appender.appendInteger(seq)
      appender.appendDouble(startOf(session))
      for (const [name, type] of typed) append(appender, type, Object.hasOwn(session, name) ? session[name] : null)
      appender.endRow()
    }
    appender.closeSync()
    const cleaned = typed.filter(([, type]) => type !== 'string').map(([name, type]) => {
      const column = identifier(name)
      // adding a positive zero makes one zero of the two
      return type === 'number' ? `${column} + 0.0 AS ${column}` : `coalesce(list_distinct(${column}), []) AS ${column}`
    })
    await this.#connection.run(`CREATE OR REPLACE TABLE latest AS SELECT * REPLACE (${cleaned.join(', ')}) FROM arrived
      QUALIFY row_number() OVER (PARTITION BY source, session_id ORDER BY "#seq" DESC) = 1`)
  }

  async run(statement: Statement): Promise<Value[][]> {
    if (statement.timeZone !== this.#timeZone) {
      await this.#connection.run(`SET TimeZone = '${statement.timeZone}'`)
      this.#timeZone = statement.timeZone
    }
    const reader = await this.#connection.runAndReadAll(statement.sql)
    return reader.getRows() as Value[][]
  }

  close(): void {
    this.#connection.closeSync()
  }
}

function append(appender: DuckDBAppender, type: ColumnType, value: unknown): void {
  if (value === null || value === undefined) return appender.appendNull()
  if (type === 'number') return appender.appendDouble(value as number)
  if (type === 'string') return appender.appendVarchar(String(value))
  appender.appendList(listValue((value as unknown[]).map(String)), LIST(VARCHAR))
}

// A DuckDB process that answers one query over a file: SQL on stdin, rows as JSON on stdout. `node oneshot-duckdb.js THREADS`.
// Plain JavaScript, so that no compiler is part of its start.
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const instance = await DuckDBInstance.create(':memory:', { threads: process.argv[2] ?? '1' })
const connection = await instance.connect()
await connection.run("SET TimeZone = 'UTC'")
const reader = await connection.runAndReadAll(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(reader.getRowsJS()))

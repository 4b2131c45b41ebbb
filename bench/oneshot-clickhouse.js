// A ClickHouse process (chDB) that answers one query over a file: SQL on stdin, a line of JSON per row on stdout. `node oneshot-clickhouse.js`.
// Plain JavaScript, so that no compiler is part of its start.
import { readFileSync } from 'node:fs'
import { query } from 'chdb'

process.stdout.write(query(readFileSync(0, 'utf8'), 'JSONCompactEachRow'))

/** The questions beyond the suite: each is one that the language takes, and has SQL to compare with. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { COLUMNS } from '../../bench/suite.js'
import { parseQuery } from '../../dsl/parse.js'

const folder = new URL('../../bench/beyond/', import.meta.url)
const files = readdirSync(folder)

describe('beyond the suite', () => {
  test.each(files.filter(file => file.endsWith('.json')))('%s is a query with SQL beside it', file => {
    expect(parseQuery(JSON.parse(readFileSync(new URL(file, folder), 'utf8')), COLUMNS)).toBeTypeOf('object')
    for (const peer of ['duckdb', 'clickhouse']) expect(files.some(other => other.startsWith(`${file.slice(0, -'json'.length)}${peer}.`) && other.endsWith('.sql'))).toBe(true)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folder, run } from './process.js'
import { COUNT, ndjson, VISITS } from './visits.js'

let files: Awaited<ReturnType<typeof folder>>

beforeAll(async () => {
  files = await folder({ 'visits.ndjson': ndjson(VISITS) })
})

afterAll(() => files.remove())

const TOP = {
  queryType: 'topN', dataSource: 'visits', intervals: ['2018-12-31T22:00Z/2019-01-01T22:00Z'], granularity: 'all',
  dimension: 'city', metric: 'count', threshold: 1, aggregations: [{ type: 'count', name: 'count' }]
}

const query = (args: readonly string[], ...queries: readonly object[]) =>
  run(['query', '--source', 'visits.ndjson', ...args], queries.map(one => `${JSON.stringify(one)}\n`).join(''), { cwd: files.path })

describe('sessionql query with a Druid query', () => {
  it('answers in Druid\'s shape, beside queries of its own language', async () => {
    const { code, stdout, stderr } = await query([], TOP, COUNT)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [top, count] = stdout.trimEnd().split('\n')
    expect(top).toBe('[{"timestamp":"2018-12-31T22:00:00.000Z","result":[{"city":"Helsinki","count":3}]}]')
    expect(JSON.parse(count!)).toHaveProperty('fields')
  })

  it('prints an entry a line as ndjson, and refuses formats that are none of JSON', async () => {
    const series = { queryType: 'timeseries', intervals: '2018-12-31T22:00Z/2019-01-01T22:00Z', granularity: { type: 'period', period: 'PT12H', timeZone: 'Europe/Helsinki' },
      aggregations: [{ type: 'count', name: 'n' }] }
    expect((await query(['--format', 'ndjson'], series)).stdout).toBe(
      '{"timestamp":"2019-01-01T00:00:00.000+02:00","result":{"n":1}}\n{"timestamp":"2019-01-01T12:00:00.000+02:00","result":{"n":3}}\n')
    const refused = await query(['--format', 'table'], series)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('--format table: a Druid query is answered in Druid\'s JSON, use --format json or ndjson')
  })

  it('tells the faults of the query with their pointers', async () => {
    const { code, stdout } = await query([], { ...TOP, metric: 'cuont', threshold: 0 })
    expect(code).toBe(3)
    expect(JSON.parse(stdout).error.issues).toMatchObject([{ pointer: '/threshold' }, { pointer: '/metric', suggestion: 'count' }])
  })
})

/** Groups whose counts do not fit a core's cache: they are counted late, and the first few of them are found before any becomes a row. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Engine, type QueryInput, type QueryResult } from '../../index.js'
import { LateCounts } from '../../engine/aggregate/late-counts.js'
import { SmallestFew } from '../../engine/answer/smallest-few.js'
import { useKernels } from '../../engine/kernels/kernels.js'
import { Random } from '../support/random.js'

/** Two columns of so many values have more than 2^19 combinations, with the missing one. */
const VALUES = 730
const ROWS = 540_000
const START = Date.UTC(2025, 0, 1)
const interval = { start: '2025-01-01T00:00:00Z', end: '2025-02-01T00:00:00Z' }

interface Group {
  readonly a: string
  readonly b: string
  rows: number
  sum: number
  values: number
  readonly visitors: Set<string>
}

/** Values are skewed, so that a few groups have many rows; the first half of the rows all have a number. */
function* sessions(groups: Map<string, Group>): Generator<object> {
  const random = new Random(5)
  const uniform = (): number => random.fraction()
  for (let i = 0; i < ROWS; i++) {
    const a = `a${Math.floor(uniform() ** 3 * VALUES)}`
    const b = `b${Math.floor(uniform() ** 2 * VALUES)}`
    const n = i > ROWS / 2 && random.chance(0.3) ? null : random.between(0, 1000)
    const visitor_id = `v${random.between(0, 200)}`
    const group = groups.get(`${a} ${b}`) ?? { a, b, rows: 0, sum: 0, values: 0, visitors: new Set() }
    groups.set(`${a} ${b}`, group)
    group.rows++
    group.visitors.add(visitor_id)
    if (n !== null) {
      group.sum += n
      group.values++
    }
    yield { session_id: `s${i}`, started_at: START + i, visitor_id, a, b, ...n !== null && { n } }
  }
}

/** Lower than any where there is none. */
const meanOf = ({ sum, values }: Group): number => values === 0 ? -1 : sum / values

describe.each(['wasm', 'plain'] as const)('half a million groups, with %s kernels', kind => {
  const groups = new Map<string, Group>()
  let engine: Engine

  beforeAll(async () => {
    useKernels(kind)
    engine = await Engine.open()
    await engine.ingest(sessions(groups))
  }, 60_000)
  afterAll(async () => {
    useKernels('wasm')
    await engine.close()
  })

  const ask = (query: Partial<QueryInput>): Promise<QueryResult> => engine.query({
    interval, granularity: 'all', group_by: ['a', 'b'],
    aggregations: [{ type: 'count' }, { type: 'avg', fields: ['n'] }, { type: 'hyperUnique', fields: ['visitor_id'] }], ...query
  })
  const rowOf = ({ a, b, rows, sum, values, visitors }: Group): unknown[] => [a, b, rows, values === 0 ? null : sum / values, visitors.size]
  const byName = (x: Group, y: Group): number => x.a < y.a ? -1 : x.a > y.a ? 1 : x.b < y.b ? -1 : 1

  it.each([1, 100, 3000])('the %i largest are those of all', async limit => {
    const { data } = await ask({ order_by: [{ column: 'count', direction: 'descending' }], limit })
    expect(data.map(row => row.slice(1))).toEqual([...groups.values()].sort((x, y) => y.rows - x.rows || byName(x, y)).slice(0, limit).map(rowOf))
  })

  it('the smallest of very many that tie come by their names', async () => {
    const { data } = await ask({ order_by: ['count'], offset: 5, limit: 50 })
    expect(data.map(row => row.slice(1))).toEqual([...groups.values()].filter(({ rows }) => rows === 1).sort(byName).slice(5, 55).map(rowOf))
  })

  it('a missing average is the lowest', async () => {
    const { data } = await ask({ order_by: ['n_avg', { column: 'count', direction: 'descending' }], limit: 20 })
    expect(data.map(row => row.slice(1))).toEqual([...groups.values()].sort((x, y) => meanOf(x) - meanOf(y) || y.rows - x.rows || byName(x, y)).slice(0, 20).map(rowOf))
  })

  it('all are counted', async () => {
    const { data } = await ask({ aggregations: [{ type: 'count' }, { type: 'avg', fields: ['n'] }] })
    expect(data.length).toBe(groups.size)
    for (const [, a, b, rows, mean] of data) {
      const { rows: expected, sum, values } = groups.get(`${a} ${b}`)!
      if (rows !== expected || mean !== (values === 0 ? null : sum / values)) expect([a, b, rows, mean]).toEqual([a, b, expected, sum / values])
    }
  })
})

it('groups of one column and several buckets are counted late where they are so many', async () => {
  const random = new Random(8)
  const expected = new Map<string, number>()
  const hour = 3_600_000
  function* rows(): Generator<object> {
    for (let i = 0; i < 620_000; i++) {
      const k = random.chance(0.01) ? undefined : `k${random.between(0, 199_999)}`
      const started_at = START + random.between(0, 3 * hour - 1)
      const name = `${Math.floor((started_at - START) / hour)} ${k}`
      expected.set(name, (expected.get(name) ?? 0) + 1)
      yield { session_id: `s${i}`, started_at, ...k !== undefined && { k } }
    }
  }
  const engine = await Engine.open()
  await engine.ingest(rows())
  const { data } = await engine.query({ interval: { start: '2025-01-01T00:00:00Z', end: '2025-01-01T03:00:00Z' }, granularity: 'hour', group_by: ['k'], aggregations: [{ type: 'count' }] })
  expect(data.length).toBe(expected.size)
  expect(data.filter(([time, k, count]) => expected.get(`${Number(String(time).slice(11, 13))} ${k ?? 'undefined'}`) !== count)).toEqual([])
  await engine.close()
}, 60_000)

it('late counts are those of every row, however many wait', () => {
  const random = new Random(1)
  const late = new LateCounts(3_000_000)
  const counts = new Uint32Array(3_000_000)
  const expected = new Uint32Array(3_000_000)
  for (let block = 0; block < 300; block++) {
    const groups = Uint32Array.from({ length: random.between(1, 30_000) }, () => random.chance(0.5) ? random.between(0, 50) : random.between(0, 2_999_999))
    for (const group of groups) expected[group]++
    late.add(groups, groups.length, counts)
  }
  expect(counts).not.toEqual(expected)
  late.settle(counts)
  expect(counts).toEqual(expected)
})

it.each([[3, 1], [100, 50], [9000, 3]])('the %i smallest of numbers, of which only %i differ for each that is wanted, with those that tie', (few, each) => {
  const random = new Random(few)
  const keys = Float64Array.from({ length: 50_000 }, () => random.chance(0.1) ? -Infinity : random.between(0, few * each))
  const smallest = new SmallestFew(few)
  for (let at = 0; at < keys.length; at += 1000) {
    const who = Int32Array.from({ length: 1000 }, (_, i) => at + i)
    for (const _ of smallest.offer(who, keys.subarray(at, at + 1000), 1000)) { /* in one go */ }
  }
  const steps = smallest.all()
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  const most = keys.slice().sort()[few - 1]!
  expect([...step.value]).toEqual([...keys.keys()].filter(i => keys[i]! <= most))
})

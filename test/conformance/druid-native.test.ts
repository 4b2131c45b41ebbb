/** Apache Druid's own cases as they are: its native queries, answered in its shapes. Data and answers are Druid's (Apache-2.0). */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { DruidQueryInput, Engine } from '../../index.js'
import type { Session } from '../../engine/session.js'
import { engineWith } from '../support/engine.js'

interface Case {
  readonly id: string
  readonly dataset: string
  /** How often the file is loaded, each time with keys of its own. */
  readonly load_times: number
  readonly druid_query: DruidQueryInput
  readonly expected: unknown
  /** The answer with null and "" kept apart, where that differs. */
  readonly expected_sql_null_mode?: unknown
}

/** Druid's metrics are 32-bit floats. */
const FLOAT_TOLERANCE = 1e-6

interface Difference {
  readonly why: string
  /** Druid's answer in our form. */
  readonly ours: (wanted: string) => string
}

const SKETCH_COLUMN: Difference = {
  why: 'A column of sketches is null to Druid when it is read as a dimension; here it is the dimension that the sketches are of.',
  ours: wanted => wanted.replace('"cardinality":0', '"cardinality":9')
}

const FLOAT_TEXT: Difference = {
  why: 'A number that Druid stores as a float prints as "12000.0"; JSON does not tell 12000.0 from 12000.',
  ours: wanted => wanted.replaceAll(/\.0"/g, '"')
}

/** Cases with another answer than the published one. */
const DIFFERENCES: ReadonlyMap<string, Difference> = new Map([
  ['GroupByQueryRunnerTest.testGroupByCardinalityAggOnHyperUnique', SKETCH_COLUMN],
  ['TimeseriesQueryRunnerTest.testTimeseriesCardinalityAggOnHyperUnique', SKETCH_COLUMN],
  ['GroupByQueryRunnerTest.testGroupByComplexColumn', { ...SKETCH_COLUMN, ours: () => '[]' }],
  ['GroupByQueryRunnerTest.testGroupByLongAndFloatOutputAsString', FLOAT_TEXT],
  ['TopNQueryRunnerTest.testFullOnTopNFloatColumnAsString', FLOAT_TEXT],
  ['docs.tutorial-query.top-pages', {
    why: 'The case gives the day; the stamp is that of the first session, as in the topN cases of Druid\'s tests.',
    ours: wanted => wanted.replace(String(Date.parse('2015-09-12')), String(Date.parse('2015-09-12T00:46:58.771Z')))
  }]
])

/** Groups of a missing number, which Druid's published answer calls 0 (as it did before it kept null apart). */
const NULL_GROUP = /GroupByQueryRunnerTest\.testGroupByOnNullable/

function read(path: string): Buffer {
  return readFileSync(new URL(`druid/${path}`, import.meta.url))
}

const cases = JSON.parse(read('cases.json').toString()) as Case[]
const engines = new Map<string, Promise<Engine>>()

/** Druid's tests have two more columns: a sketch of the quality, and the index as a float. */
function sessionsOf(path: string, copies: number): Session[] {
  const bytes = read(path)
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n')
  return Array.from({ length: copies }, (_, copy) => lines.map((line, number) => {
    const { timestamp, time, ...columns } = JSON.parse(line) as Record<string, Session[string]>
    const made = 'quality' in columns && { quality_uniques: columns.quality, indexFloat: columns.index }
    return Object.assign(columns, made, { session_id: `${copy}:${number + 1}`, started_at: (timestamp ?? time) as string })
  })).flat()
}

function engineOf({ dataset, load_times }: Case): Promise<Engine> {
  const key = `${dataset} ${load_times}`
  const engine = engines.get(key) ?? engineWith(sessionsOf(dataset, load_times))
  engines.set(key, engine)
  return engine
}

/** Names of columns that are estimates, or computed from them. */
function estimatesOf({ aggregations = [], postAggregations = [] }: Record<string, unknown>): Set<string> {
  const names = new Set<string>()
  for (const { type, name } of aggregations as { type: string, name: string }[]) if (type === 'hyperUnique' || type === 'cardinality') names.add(name)
  for (const one of postAggregations as { name: string }[]) {
    if (JSON.stringify(one).includes('hyperUniqueCardinality')) names.add(one.name)
  }
  return names
}

/** Instants as numbers, estimates rounded, no version. */
function comparable(value: unknown, estimates: Set<string>): unknown {
  if (Array.isArray(value)) return value.map(one => comparable(one, estimates))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'version').map(([key, held]) => {
    if (key === 'timestamp') return [key, held === null ? null : Date.parse(held as string)]
    return [key, typeof held === 'number' && estimates.has(key) ? Math.round(held) : comparable(held, estimates)]
  }))
}

/** `got`, where its numbers are those of `wanted` within the precision of a float. */
function near(got: unknown, wanted: unknown): unknown {
  if (typeof got === 'number' && typeof wanted === 'number') return Math.abs(got - wanted) <= FLOAT_TOLERANCE * Math.abs(wanted) ? wanted : got
  if (Array.isArray(got) && Array.isArray(wanted)) return got.map((one, at) => near(one, wanted[at]))
  if (typeof got !== 'object' || got === null || typeof wanted !== 'object' || wanted === null) return got
  const other = wanted as Record<string, unknown>
  return Object.fromEntries(Object.entries(got).map(([key, held]) => [key, near(held, other[key])]))
}

function zeroGroups(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"nullable":null', '"nullable":0'))
}

async function answersOf(one: Case): Promise<{ got: unknown, wanted: unknown }> {
  const engine = await engineOf(one)
  const answer: unknown = await engine.query(one.druid_query)
  const estimates = estimatesOf(one.druid_query)
  const wanted = comparable(one.expected_sql_null_mode ?? one.expected, estimates)
  const got = near(comparable(answer, estimates), wanted)
  return { got: NULL_GROUP.test(one.id) ? zeroGroups(got) : got, wanted }
}

describe("Druid's native queries", () => {
  afterAll(async () => {
    for (const engine of engines.values()) await (await engine).close()
  })

  it('are all 152 of the published cases', () => {
    expect(cases.length).toBe(152)
    expect([...DIFFERENCES.keys()].filter(id => !cases.some(one => one.id === id))).toEqual([])
  })

  it.each(cases.filter(({ id }) => !DIFFERENCES.has(id)))('$id', async one => {
    const { got, wanted } = await answersOf(one)
    expect(got).toEqual(wanted)
  })

  it.each(cases.filter(({ id }) => DIFFERENCES.has(id)))('$id differs as said', async one => {
    const { got, wanted } = await answersOf(one)
    const ours = DIFFERENCES.get(one.id)!.ours(JSON.stringify(wanted))
    expect(ours).not.toBe(JSON.stringify(wanted))
    expect(got).toEqual(JSON.parse(ours))
  })
})

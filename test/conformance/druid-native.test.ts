/** Apache Druid's own cases as they are: its native queries, answered in its shapes. Data and answers are Druid's (Apache-2.0). */
import { afterAll, describe, expect, it } from 'vitest'
import type { DruidQueryInput } from '../../index.js'
import { DruidEngines, FLOAT_TOLERANCE, readCases, type DruidCase } from '../support/druid-cases.js'

interface Case extends DruidCase {
  readonly druid_query: DruidQueryInput
  readonly expected: unknown
  /** The answer with null and "" kept apart, where that differs. */
  readonly expected_sql_null_mode?: unknown
}

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

const cases = readCases() as Case[]
/** Druid's tests have two more columns: a sketch of the quality, and the index as a float. */
const engines = new DruidEngines(columns => 'quality' in columns ? { ...columns, quality_uniques: columns.quality, indexFloat: columns.index } : columns)

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
  const engine = await engines.of(one)
  const answer: unknown = await engine.query(one.druid_query)
  const estimates = estimatesOf(one.druid_query)
  const wanted = comparable(one.expected_sql_null_mode ?? one.expected, estimates)
  const got = near(comparable(answer, estimates), wanted)
  return { got: NULL_GROUP.test(one.id) ? zeroGroups(got) : got, wanted }
}

describe("Druid's native queries", () => {
  afterAll(() => engines.close())

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

import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../dsl/parse.js'
import { COLUMNS, issuesOf } from './helpers.js'

const interval = { start: '2019-01-01', end: '2019-02-01' }
const checked = { start: Date.UTC(2019, 0, 1), end: Date.UTC(2019, 1, 1), timeZone: 'UTC' }
const turku = { type: 'selector', dimension: 'city', value: 'Turku' }
const faultsOf = (query: object) => issuesOf(() => parseQuery({ interval, ...query }, COLUMNS)).map(({ code, pointer, message }) => `${code} ${pointer} ${message}`)
const funnelFaults = (keys: object, more: object = {}) => faultsOf({ funnel: { by: 'visitor_id', steps: [turku], ...keys }, ...more })
const retentionFaults = (keys: object) => faultsOf({ retention: { by: 'visitor_id', granularity: 'day', ...keys } })

describe('a funnel', () => {
  test('has its defaults filled in, and names for its steps', () => {
    const steps = [turku, { name: 'chat', filter: { type: 'true' } }]
    expect(parseQuery({ interval, funnel: { by: 'visitor_id', within: 'P7D', steps } }, COLUMNS)).toEqual({
      kind: 'funnel', interval: checked, granularity: { type: 'all' }, groupBy: [], filter: { type: 'true' }, by: 'visitor_id', within: 604_800_000,
      steps: [{ name: 'step 1', filter: turku }, { name: 'chat', filter: { type: 'true' } }]
    })
    expect(parseQuery({ interval, funnel: { by: 'visitor_id', steps } }, COLUMNS)).toMatchObject({ within: Infinity })
  })

  test('takes a length of time that is the same everywhere', () => {
    for (const within of ['P1M', 'P1Y2D', 'PT0S', '7 days', '']) {
      expect(funnelFaults({ within })).toEqual([
        `invalid_period /funnel/within got ${JSON.stringify(within)}, expected an ISO-8601 period above zero without months and years, such as "PT30M" or "P7D".`
      ])
    }
  })

  test('is by a dimension with one value', () => {
    expect(funnelFaults({ by: 'rooms' })).toEqual([
      'invalid_value /funnel/by the dimension "rooms" has arrays of values, expected one that has a single value.'
    ])
    expect(funnelFaults({ by: 'visitorid' })[0]).toMatch(/^unknown_dimension \/funnel\/by .* did you mean "visitor_id"\?$/)
    expect(funnelFaults({ by: 'session_duration_secs' })).toEqual([])
  })

  test('is told what is wrong with its steps, all at once', () => {
    expect(funnelFaults({ steps: [], witin: 'P1D' })).toEqual([
      'invalid_value /funnel/steps got an empty array, expected at least one item.',
      'unknown_key /funnel/witin unknown key "witin", expected by, within or steps; did you mean "within"?'
    ])
    expect(funnelFaults({ steps: [{ name: 'a', filter: { ...turku, dimension: 'ctiy' } }, { filter: turku }, { type: 'selektor' }, 5] }).map(fault => fault.split(' ').slice(0, 2).join(' '))).toEqual([
      'missing /funnel/steps/1', 'unknown_type /funnel/steps/2/type', 'wrong_type /funnel/steps/3', 'unknown_dimension /funnel/steps/0/filter/dimension'
    ])
    expect(funnelFaults({ steps: Array.from({ length: 33 }, () => turku) })).toEqual(['too_large /funnel/steps got 33 items, expected at most 32.'])
  })

  test('keeps the names of its own columns', () => {
    expect(funnelFaults({}, { group_by: ['country', { dimension: 'city', name: 'step' }] })).toEqual([
      'duplicate_name /group_by/1 the answer of a funnel has a column "step" of its own, expected another name, as in {"dimension": "…", "name": "…"}.'
    ])
  })

  test('has nothing of another kind of query', () => {
    expect(funnelFaults({}, { aggregations: [] })).toEqual([
      'unknown_key /aggregations funnel and aggregations make two different kinds of query, expected one of aggregations, select, funnel or retention.'
    ])
    expect(funnelFaults({}, { limit: 5 })).toEqual([
      'unknown_key /limit unknown key "limit", expected interval, granularity, group_by, filters, funnel or context.'
    ])
    expect(faultsOf({ funel: {} })).toContain('unknown_key /funel unknown key "funel", expected interval, granularity, group_by, filters, funnel or context; did you mean "funnel"?')
  })
})

describe('a retention', () => {
  test('has its defaults filled in', () => {
    expect(parseQuery({ interval, retention: { by: 'visitor_id', granularity: 'week', first: turku } }, COLUMNS)).toEqual({
      kind: 'retention', interval: checked, filter: { type: 'true' }, by: 'visitor_id', first: turku, returning: { type: 'true' }, periods: 12,
      granularity: { type: 'period', period: 'P1W', timeZone: 'UTC', origin: null }
    })
  })

  test('is told its faults where they are', () => {
    expect(retentionFaults({ periods: 1001, granularity: { type: 'period', period: 'P0D' }, returning: { ...turku, dimension: 'ctiy' }, first: {} }).map(fault => fault.split(' ').slice(0, 2).join(' '))).toEqual([
      'invalid_value /retention/periods', 'missing /retention/first', 'invalid_period /retention/granularity/period', 'unknown_dimension /retention/returning/dimension'
    ])
    expect(faultsOf({ retention: { by: 'rooms' } })).toEqual([
      'missing /retention the key "granularity" is missing, expected a string or an object (how long a cohort and a period are).',
      'invalid_value /retention/by the dimension "rooms" has arrays of values, expected one that has a single value.'
    ])
  })
})

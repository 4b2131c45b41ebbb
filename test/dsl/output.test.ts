import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../dsl/parse.js'
import type { Query } from '../../dsl/query.js'
import { COLUMNS, faults, queryWith } from './helpers.js'

const AGGREGATIONS = [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id'] }, { type: 'first', fields: ['city'] }]
const access = (fieldName: string) => ({ type: 'fieldAccess', fieldName })
const field = (name: string, metric: number) => ({ type: 'field', name, metric })
const plus = (name: string, ...fields: unknown[]) => ({ type: 'arithmetic', name, fn: '+', fields })

function outputOf(keys: Record<string, unknown>): Query {
  return parseQuery(queryWith({ group_by: ['country', 'session_duration_secs'], aggregations: AGGREGATIONS, ...keys }), COLUMNS) as Query
}

function outputFaults(keys: Record<string, unknown>): string[] {
  return faults({ group_by: ['country', 'session_duration_secs'], aggregations: AGGREGATIONS, ...keys })
}

describe('post-aggregations', () => {
  test('become expressions over columns by their number', () => {
    const { postAggregations } = outputOf({
      post_aggregations: [
        plus('a', access('count'), { type: 'hyperUniqueCardinality', fieldName: 'visitor_id_hyper_unique', name: 'ignored' }, { type: 'constant', value: 2 }),
        { type: 'longLeast', name: 'b', fields: [{ type: 'finalizingFieldAccess', fieldName: 'a' }, { ...plus('', access('a'), access('count')), ordering: 'numericFirst' }] }
      ]
    })
    expect(postAggregations).toEqual([
      { name: 'a', expression: { type: 'arithmetic', fn: '+', fields: [field('count', 0), field('visitor_id_hyper_unique', 1), { type: 'constant', value: 2 }] } },
      { name: 'b', expression: { type: 'least', whole: true, fields: [field('a', 3), { type: 'arithmetic', fn: '+', fields: [field('a', 3), field('count', 0)] }] } }
    ])
  })

  test.each([
    [[plus('a', access('cuont'), access('count'))], '/post_aggregations/0/fields/0/fieldName there is no aggregation or earlier post-aggregation "cuont",'
      + ' expected count, visitor_id_hyper_unique or city_first; did you mean "count"?'],
    [[{ ...access('b'), name: 'a' }, { ...access('a'), name: 'b' }], '/post_aggregations/0/fieldName there is no aggregation or earlier post-aggregation "b",'
      + ' expected count, visitor_id_hyper_unique or city_first.'],
    [[{ ...access('rooms'), name: 'a' }], '/post_aggregations/0/fieldName there is no aggregation or earlier post-aggregation "rooms",'
      + ' expected count, visitor_id_hyper_unique or city_first.'],
    [[{ type: 'hyperUniqueCardinality', name: 'a', fieldName: 'count' }], '/post_aggregations/0/fieldName "count" is no number of distinct values,'
      + ' expected a hyperUnique; fieldAccess takes any number.'],
    [[{ ...plus('a', access('count'), access('count')), fn: 'modulo' }], '/post_aggregations/0/fn got the string "modulo", expected one of +, -, *, /, quotient, pow.'],
    [[plus('a', access('count'))], '/post_aggregations/0/fields got an array of 1, expected at least 2 items.']
  ])('%j: a fault of a value', (post_aggregations, message) => {
    expect(outputFaults({ post_aggregations })).toEqual([`invalid_value ${message}`])
  })

  test('of texts, without a name, or with a name that is taken are faulty', () => {
    expect(outputFaults({ post_aggregations: [plus('a', access('city_first'), access('count'))] })).toEqual([
      'not_numeric /post_aggregations/0/fields/0/fieldName "city_first" is a text, fieldAccess expects a number.'
    ])
    expect(outputFaults({ post_aggregations: [access('count')] })).toEqual([
      'missing /post_aggregations/0 the key "name" is missing, expected a string (name of the output column).'
    ])
    for (const name of ['timestamp', 'country', 'count']) {
      expect(outputFaults({ post_aggregations: [{ ...access('count'), name }] })).toEqual([
        `duplicate_name /post_aggregations/0/name there is another output column "${name}", expected a "name" of its own.`
      ])
    }
    expect(faults({ aggregations: [], post_aggregations: [{ ...access('count'), name: 'a' }] })).toEqual([
      'invalid_value /post_aggregations/0/fieldName there is no aggregation or earlier post-aggregation "count", expected an aggregation to compute with.'
    ])
  })

  test('are told of their own faults only: those of an aggregation are not told again', () => {
    expect(outputFaults({ aggregations: [{ type: 'sum', fields: ['x'] }], post_aggregations: [{ ...access('x_sum'), name: 'a' }], order_by: ['a'], having: { type: 'equalTo', aggregation: 'a', value: 1 } }))
      .toHaveLength(1)
  })
})

describe('having', () => {
  test('becomes a filter over output columns', () => {
    const bound = { type: 'bound', dimension: 'count', lower: null, upper: null, lowerStrict: true, upperStrict: true, ordering: 'numeric' }
    expect(outputOf({
      having: {
        type: 'and',
        havingSpecs: [
          { type: 'greaterThan', aggregation: 'count', value: '1.5' }, { type: 'lessThan', aggregation: 'count', value: 9 },
          { type: 'not', havingSpec: { type: 'equalTo', aggregation: 'session_duration_secs', value: null } },
          { type: 'dimSelector', dimension: 'session_duration_secs', value: '7' }, { type: 'filter', filter: { type: 'selector', dimension: 'city_first', value: 5 } }
        ]
      }
    }).having).toEqual({
      type: 'and',
      fields: [
        { ...bound, lower: 1.5 }, { ...bound, upper: 9 }, { type: 'not', field: { type: 'selector', dimension: 'session_duration_secs', value: null } },
        { type: 'selector', dimension: 'session_duration_secs', value: 7 }, { type: 'selector', dimension: 'city_first', value: '5' }
      ]
    })
    expect(outputOf({}).having).toEqual({ type: 'true' })
  })

  const columns = 'timestamp, country, session_duration_secs, count, visitor_id_hyper_unique or city_first'
  test.each([
    [{ type: 'greaterThan', aggregation: 'counts', value: 1 }, `invalid_value /having/aggregation the answer has no column "counts", expected ${columns}; did you mean "count"?`],
    [{ type: 'filter', filter: { type: 'like', dimension: 'city', pattern: '' } }, `invalid_value /having/filter/dimension the answer has no column "city", expected ${columns}.`],
    [{ type: 'lessThan', aggregation: 'city_first', value: 1 }, 'not_numeric /having/aggregation "city_first" is a text, lessThan expects a number; a having of type "filter" compares texts.'],
    [{ type: 'equalTo', aggregation: 'count', value: 'many' }, 'invalid_value /having/value got the string "many", expected a number, since the dimension is one.'],
    [{ type: 'dimSelector', dimension: 'count', value: 1 }, 'invalid_value /having/dimension the answer is not grouped by "count", expected country or session_duration_secs.'],
    [{ type: 'or', havingSpecs: [{ type: 'atLeast' }] }, 'unknown_type /having/havingSpecs/0/type unknown type "atLeast",'
      + ' expected one of greaterThan, lessThan, equalTo, dimSelector, and, or, not, filter, always, never.']
  ])('%j: a fault', (having, message) => {
    expect(outputFaults({ having })).toEqual([message])
  })
})

describe('limits, others and subtotals', () => {
  test('become numbers and positions', () => {
    expect(outputOf({ limit: 5, limit_per_bucket: 2, others: 'Other', totals: true, subtotals: [['session_duration_secs', 'country'], [], ['country']] })).toMatchObject({
      limit: 5, offset: 0, limitPerBucket: 2, others: 'Other', totals: true, subtotals: [[0, 1], [], [0]]
    })
  })

  test.each([
    [{ offset: -1 }, '/offset got the number -1, expected at least 0.'],
    [{ limit_per_bucket: 0 }, '/limit_per_bucket got the number 0, expected more than 0.'],
    [{ others: 'x' }, '/others others are groups that a limit cuts off, expected a limit or limit_per_bucket.'],
    [{ others: 'x', limit: 1, group_by: [] }, '/others others are groups that a limit cuts off, expected a group_by.'],
    [{ others: 'x', limit: 1, offset: 1 }, '/others others are all groups but the first, expected no offset.'],
    [{ subtotals: [] }, '/subtotals got an empty array, expected at least one item.'],
    [{ subtotals: [['contry']] }, '/subtotals/0/0 the answer is not grouped by "contry", expected country or session_duration_secs; did you mean "country"?'],
    [{ subtotals: [['country', 'country']] }, '/subtotals/0 got a dimension twice, expected each once.'],
    [{ subtotals: [['country'], ['country']] }, '/subtotals/1 got a set of dimensions that is there before, expected each once.'],
    [{ subtotals: [[]], group_by: [] }, '/subtotals subtotals are of dimensions, expected some to group by.']
  ])('%j: a fault', (keys, message) => {
    expect(outputFaults(keys)).toEqual([`invalid_value ${message}`])
  })
})

/**
 * The aggregations of the language, one entry each: its JSON Schema, and the columns that it becomes.
 * A new aggregation is one more entry here and one more member of `Aggregation`.
 */
import {
  aggregationSchema, fieldsSchema, NAME, readFields, WITH_ERROR,
  type AggregationKind, type GivenName, type PlacedAggregation, type RawAggregation, type Takes
} from './aggregation-kind.js'
import type { Context } from './context.js'
import { NOTHING } from './filter-kind.js'
import { normaliseFilter } from './filters.js'
import { HISTOGRAM } from './histogram-aggregation.js'
import { UNIQUE_INTERSECTION } from './intersection-aggregation.js'
import { below } from './issues.js'
import { QUANTILE } from './quantile-aggregation.js'
import type { PlainAggregation } from './query.js'
import type { Schema } from './json-schema.js'

export type { PlacedAggregation, RawAggregation } from './aggregation-kind.js'

const COUNT: AggregationKind = {
  schema: aggregationSchema('count', 'Number of sessions.', {
    fields: { type: 'array', items: { type: 'string' }, description: 'Ignored.' }, name: NAME
  }, []),
  normalise: (_raw, name, _context, pointer) => [{ aggregation: { type: 'count', name: name?.text ?? 'count' }, pointer: name?.pointer ?? pointer }]
}

const HYPER_UNIQUE: AggregationKind = {
  schema: aggregationSchema('hyperUnique', 'Number of distinct values, estimated within 2 % by HyperLogLog.', {
    fields: fieldsSchema('all'), name: NAME, with_error: WITH_ERROR
  }, ['fields']),
  normalise: (raw, given, context, pointer) => readFields(raw, given, 'all', context, pointer).flatMap(({ field, name: own, pointer: at }) => {
    const name = own ?? `${field}_hyper_unique`
    const placed: PlacedAggregation[] = [{ aggregation: { type: 'hyperUnique', field, name }, pointer: at }]
    if (raw.with_error) placed.push({ aggregation: { type: 'hyperUniqueError', field, name: `${name}_error` }, pointer: at })
    return placed
  })
}

type FieldType = 'hyperUniqueSketch' | 'exactUnique' | 'avg' | 'sum' | 'min' | 'max' | 'first' | 'last' | 'any'

/** A column `<field>_<suffix>` for each field. */
function perField(type: FieldType, suffix: string, takes: Takes, description: string): [string, AggregationKind] {
  return [type, {
    schema: aggregationSchema(type, description, { fields: fieldsSchema(takes), name: NAME }, ['fields']),
    normalise: (raw, given, context, pointer) => readFields(raw, given, takes, context, pointer)
      .map(({ field, name, pointer: at }) => ({ aggregation: { type, field, name: name ?? `${field}_${suffix}` }, pointer: at }))
  }]
}

const FILTERED: AggregationKind = {
  schema: aggregationSchema('filtered', 'An aggregation of the sessions that pass a filter of its own.', {
    filter: { $ref: '#/definitions/filter' },
    aggregator: { $ref: '#/definitions/aggregation' },
    name: { type: 'string', minLength: 1, description: 'Name of the output column. Without it the column is called as the aggregator calls it.' }
  }, ['filter', 'aggregator']),
  normalise({ filter, aggregator }, given, context, pointer) {
    const outer = filter === undefined ? NOTHING : normaliseFilter(filter, context, below(pointer, 'filter'))
    if (aggregator === undefined) return []
    return normaliseWith(aggregator, given, context, below(pointer, 'aggregator')).map(({ aggregation, pointer: at }) => {
      const isNested = aggregation.type === 'filtered'
      const inner: PlainAggregation = isNested ? aggregation.aggregator : aggregation
      const passed = isNested ? { type: 'and' as const, fields: [outer, aggregation.filter] } : outer
      return { aggregation: { type: 'filtered', filter: passed, aggregator: inner, name: aggregation.name }, pointer: at }
    })
  }
}

const KINDS = new Map<string, AggregationKind>([
  ['count', COUNT],
  ['hyperUnique', HYPER_UNIQUE],
  perField('exactUnique', 'exact_unique', 'all', 'Number of distinct values, exact.'),
  perField('avg', 'avg', 'numbers', 'Mean over the sessions that have a value; null where none has.'),
  perField('sum', 'sum', 'numbers', 'Sum over the sessions that have a value; null where none has.'),
  perField('min', 'min', 'numbers', 'Smallest value; null where no session has one.'),
  perField('max', 'max', 'numbers', 'Largest value; null where no session has one.'),
  perField('first', 'first', 'scalars', 'Value of the earliest session that has one; null where none has.'),
  perField('last', 'last', 'scalars', 'Value of the latest session that has one; null where none has.'),
  perField('any', 'any', 'scalars', 'One of the values, always the least; null where no session has one.'),
  ['quantile', QUANTILE],
  ['histogram', HISTOGRAM],
  perField('hyperUniqueSketch', 'hyper_unique_sketch', 'all', 'What hyperUnique counts by: an HLL sketch of Apache DataSketches in base64.'),
  ['uniqueIntersection', UNIQUE_INTERSECTION],
  ['filtered', FILTERED]
])

/** Schemas by the name of their definition. */
export const AGGREGATION_SCHEMAS: Readonly<Record<string, Schema>> = {
  aggregation: {
    description: 'What is computed for each row of the answer.',
    oneOf: [...KINDS.keys()].map(type => ({ $ref: `#/definitions/${definitionName(type)}` }))
  },
  ...Object.fromEntries([...KINDS].map(([type, kind]) => [definitionName(type), kind.schema]))
}

/** One aggregation for each column that is asked for. */
export function normaliseAggregation(raw: RawAggregation, context: Context, pointer: string): PlacedAggregation[] {
  return normaliseWith(raw, undefined, context, pointer)
}

/** @param outer a name that goes before its own */
function normaliseWith(raw: RawAggregation, outer: GivenName | undefined, context: Context, pointer: string): PlacedAggregation[] {
  const own = raw.name === undefined ? undefined : { text: raw.name, pointer: below(pointer, 'name') }
  return KINDS.get(raw.type)!.normalise(raw, outer ?? own, context, pointer)
}

function definitionName(type: string): string {
  return `${type}Aggregation`
}

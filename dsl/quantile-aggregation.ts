import {
  aggregationSchema, fieldsSchema, readFields, WITH_ERROR, type AggregationKind, type NamedField, type PlacedAggregation, type RawAggregation
} from './aggregation-kind.js'

/** Every percentile; each is a column of every row. */
const MAX_QUANTILES = 100

export const QUANTILE: AggregationKind = {
  schema: aggregationSchema('quantile', 'Values below which a share of the sessions lies, within 0.5 %; null where no session has a value.', {
    fields: fieldsSchema('numbers', 'The dimensions; each gives a column for each quantile.'),
    quantiles: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 1, description: 'From 0, the smallest value, to 1, the largest.' },
      minItems: 1,
      maxItems: MAX_QUANTILES,
      description: 'The quantiles; each gives a column of its own.'
    },
    name: {
      type: 'string',
      minLength: 1,
      description: 'Name of the output column, or of several quantiles what their names begin with. Only with a single field.'
    },
    with_error: WITH_ERROR
  }, ['fields', 'quantiles']),
  normalise: (raw, name, context, pointer) => readFields(raw, name, 'numbers', context, pointer).flatMap(field => quantilesOf(field, raw, pointer))
}

function quantilesOf(
  { field, name: given, pointer }: NamedField, { quantiles = [], with_error: withError }: RawAggregation, whole: string
): PlacedAggregation[] {
  return quantiles.flatMap((quantile, index): PlacedAggregation[] => {
    if (quantile === undefined) return []
    const name = given !== undefined && quantiles.length === 1 ? given : `${given ?? field}_${percentile(quantile)}`
    const isRepeated = quantiles.indexOf(quantile) < index
    const at = isRepeated ? `${whole}/quantiles/${index}` : pointer
    const placed: PlacedAggregation[] = [{ aggregation: { type: 'quantile', field, quantile, name }, pointer: at }]
    if (withError) placed.push({ aggregation: { type: 'quantileError', field, quantile, name: `${name}_error` }, pointer: at })
    return placed
  })
}

/** 0.5 is p50, 0.999 is p99_9. */
function percentile(quantile: number): string {
  // Shifted as a decimal: 0.07 * 100 is not 7.
  const [digits, exponent = '0'] = String(quantile).split('e')
  const percent = Number(`${digits}e${Number(exponent) + 2}`)
  return `p${String(percent).replace('.', '_')}`
}

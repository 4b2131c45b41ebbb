/** `subtotals`: by which of the dimensions of group_by rows are grouped (Druid's subtotalsSpec). */
import type { Context } from './context.js'
import { orList, quote } from './issues.js'
import type { Schema } from './json-schema.js'

/** Each is a pass over the sessions. */
const MAX_SETS = 100

export const SUBTOTALS_SCHEMA: Schema = {
  type: 'array',
  items: {
    type: 'array',
    items: { type: 'string', description: 'Name of a column of group_by.' },
    description: 'The dimensions of a set; of the others its rows are null.'
  },
  minItems: 1,
  maxItems: MAX_SETS,
  description: 'Sets of dimensions of group_by. The answer has the rows of each set, one set after the other.'
}

/** Sets of names, as the shape check leaves them. */
export type RawSubtotals = readonly (readonly (string | undefined)[] | undefined)[]

/** Positions in group_by, ascending. `names` of its columns; null where faults leave them unknown. `place` is where the sets stand in the query. */
export function normaliseSubtotals(raw: RawSubtotals | undefined, names: readonly string[] | null, context: Context, place = '/subtotals'): number[][] | null {
  if (raw === undefined) return null
  if (names !== null && names.length === 0) context.issues.add('invalid_value', place, 'subtotals are of dimensions, expected some to group by')
  if (names === null || names.length === 0) return []
  const seen = new Set<string>()
  return raw.map((set, index) => {
    const pointer = `${place}/${index}`
    const positions = (set ?? []).flatMap((name, at) => name === undefined ? [] : positionOf(name, names, context, `${pointer}/${at}`))
    if (new Set(positions).size < positions.length) context.issues.add('invalid_value', pointer, 'got a dimension twice, expected each once')
    const sorted = positions.toSorted((a, b) => a - b)
    const key = sorted.join()
    if (seen.has(key) && !context.issues.has(pointer)) context.issues.add('invalid_value', pointer, 'got a set of dimensions that is there before, expected each once')
    seen.add(key)
    return sorted
  })
}

function positionOf(name: string, names: readonly string[], context: Context, pointer: string): number[] {
  const position = names.indexOf(name)
  if (position >= 0) return [position]
  context.issues.add('invalid_value', pointer, `the answer is not grouped by ${quote(name)}, expected ${orList(names)}`, name, names)
  return []
}

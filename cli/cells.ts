/** Values as a person reads them. */
import type { HistogramBin } from '../dsl/input.js'
import type { Cell } from './result.js'
import { displayable } from './displayable.js'

/** The column of bucket starts in every result. */
export const TIME = 'timestamp'

const NULL_SIGN = '–'
/** As in JSON: an empty cell would look like a missing value. */
const EMPTY_SIGN = '""'

/** Of the bounds of a histogram: more would only be longer. */
const BOUND_DIGITS = 5

const STAMP = /^(\d{4,}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)(\.\d{3})(Z|[+-]\d\d:\d\d(?::\d\d)?)$/

/**
 * Stamps without what they all have in common: `.000`, `:00`, and where every one is a local midnight the time of day with its offset.
 * Columns that are not all stamps come back as they are.
 */
export function shortenTimes(name: string, values: readonly Cell[]): readonly Cell[] {
  if (name !== TIME || values.length === 0) return values
  const parts = values.map(value => typeof value === 'string' ? STAMP.exec(value) : null)
  if (!parts.every(part => part !== null)) return values
  const noMillis = parts.every(part => part[4] === '.000')
  const noSeconds = noMillis && parts.every(part => part[3] === ':00')
  if (noSeconds && parts.every(part => part[2] === '00:00')) return parts.map(part => part[1]!)
  return parts.map(([, date, minute, second, millis, offset]) =>
    `${date} ${minute}${noSeconds ? '' : second}${noMillis ? '' : millis}${offset}`)
}

export function textOf(value: Exclude<Cell, number>): string {
  if (value === null) return NULL_SIGN
  if (typeof value !== 'string') return value.map(item => typeof item === 'string' ? textOf(item) : binText(item)).join(', ')
  return value === '' ? EMPTY_SIGN : displayable(value)
}

/** `10…30: 5`; a range without a bound, or of one value, is open, or the value. */
function binText([lower, upper, count]: HistogramBin): string {
  const range = lower === upper ? short(lower) : `${short(lower)}…${short(upper)}`
  return `${range}: ${count}`
}

function short(bound: number | null): string {
  return bound === null ? '' : String(Number(bound.toPrecision(BOUND_DIGITS)))
}

/** The filter of several spans of time. It becomes bounds on the start of a session. */
import type { Context } from './context.js'
import { filterSchema, NOTHING, type FilterKind } from './filter-kind.js'
import { readRange, type RawRange } from './intervals.js'
import { below, quote } from './issues.js'
import type { Filter } from './query.js'

/** Druid's name of the time of a row, and ours. */
const TIME_COLUMN = '__time'
const STARTED_AT = 'started_at'

/** Each is a test of every row. */
const MAX_INTERVALS = 1000

export const INTERVAL: FilterKind = {
  schema: filterSchema('interval', 'Matches sessions that started within any of several intervals.', {
    dimension: { enum: [TIME_COLUMN, STARTED_AT], description: 'The start of a session, under either of its names.' },
    intervals: {
      type: 'array',
      minItems: 1,
      maxItems: MAX_INTERVALS,
      description: 'The intervals; a session that starts at the end of one is out.',
      items: {
        oneOf: [
          { type: 'string', description: 'Two ISO-8601 timestamps, "start/end".', examples: ['2019-01-01/2019-01-02'] },
          {
            type: 'object',
            description: 'Start and end. Without an offset they are local time in the time zone of the query.',
            properties: {
              start: { type: 'string', description: 'An ISO-8601 timestamp.' },
              end: { type: 'string', description: 'An ISO-8601 timestamp; a session that starts then is out.' }
            },
            required: ['start', 'end'],
            additionalProperties: false
          }
        ]
      }
    }
  }, ['dimension', 'intervals']),
  normalise({ intervals = [] }, context, pointer) {
    const spans = intervals.map((interval, index) => interval === undefined ? NOTHING : span(interval, context, `${pointer}/intervals/${index}`))
    return spans.length === 1 ? spans[0]! : { type: 'or', fields: spans }
  }
}

function span(interval: string | RawRange, context: Context, pointer: string): Filter {
  const range = typeof interval === 'string' ? splitRange(interval, context, pointer)
    : readRange(interval, context, pointer, below(pointer, 'start'), below(pointer, 'end'))
  if (range === null) return NOTHING
  return {
    type: 'bound', dimension: STARTED_AT, lower: range.start, upper: range.end, lowerStrict: false, upperStrict: true, ordering: 'numeric'
  }
}

function splitRange(text: string, context: Context, pointer: string): { start: number, end: number } | null {
  const [start, end, ...more] = text.split('/')
  if (end !== undefined && more.length === 0) return readRange({ start, end }, context, pointer, pointer, pointer)
  context.issues.add('invalid_interval', pointer, `got ${quote(text)}, expected two timestamps as in "2019-01-01/2019-01-02"`)
  return null
}

/** Random queries written after the JSON Schema of a language: valid in shape, and often in meaning. */
import { DRUID_SCHEMAS } from '../../dsl/druid/parse.js'
import { QUERY_SCHEMA } from '../../dsl/schema.js'
import type { JsonType, Schema } from '../../dsl/json-schema.js'
import type { Random } from '../support/random.js'

/** Deeper values are as short as their schema allows. */
const MAX_DEPTH = 7
const OPTIONAL_KEY = 0.25
const MOST_ITEMS = 3

const STRINGS = ['country', 'city', 'visitor_id', 'session_id']
const NUMBERS = ['seconds', 'pages', 'started_at']
const ARRAYS = ['rooms']
const COLUMNS = [...STRINGS, ...STRINGS, ...NUMBERS, ...ARRAYS, '__proto__', 'nobody']
const NAMES = ['n', 'm', 'x', 'y', 'count', 'country', 'seconds_sum', 'timestamp']
const STARTS = ['2024-03-01', '2024-03-02T12:00:00', '2024-03-31T01:30:00+02:00', '2023-01-01T00:00Z', '2025']
const ENDS = ['2024-04-01T00:00:00Z', '2024-04-20', '2024-04-01T12:00:00-05:00', '2024-03-01', 'now']
const SPANS = ['2024-03-01/2024-04-01', '2024-03-05T00:00:00/2024-03-06T00:00:00', '2024-03-01/P1M', 'P1D/2024-04-01', '2024-03-05/2024-03-01']
const PERIODS = ['P1D', 'PT1H', 'P2W', 'PT15M', 'P7D', 'P30D', 'P0D']
const ZONES = ['UTC', 'Europe/Helsinki', 'Asia/Kathmandu', 'America/Los_Angeles', 'Mars']
const VALUES = ['Finland', 'Helsinki', 'sales', '10', '', 'null', '__proto__', 'a', 'ä', '%a_']
const PATTERNS = ['^F', 'a|b', '(a*)*b', '.*', '[a-', '\\d+', '%el%', 'F_n%']

/** What a text is by the key that holds it, so that queries are about something. */
const TEXTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(dimension|dimensions|column|columns|field|fields|fieldName|group_by|select|by|delegate|rooms)$/, COLUMNS],
  [/^(start|origin)$/, STARTS],
  [/^end$/, ENDS],
  [/^(intervals|interval|to)$/, SPANS],
  [/^(time_zone|timeZone)$/, ZONES],
  [/^(period|last|within)$/, PERIODS],
  [/^pattern$/, PATTERNS],
  [/^(name|outputName|aggregation|metric|order_by|previousStop)$/, NAMES]
]

export class Grammar {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** A query of the language, or of Druid's. */
  query(): unknown {
    if (this.#random.chance(0.7)) return this.#value(QUERY_SCHEMA, QUERY_SCHEMA, '', 0)
    const [queryType, schema] = this.#random.pick([...DRUID_SCHEMAS])
    return Object.assign(this.#value(schema, schema, '', 0) as object, { queryType })
  }

  #value(given: Schema, root: Schema, key: string, depth: number): unknown {
    const schema = given.$ref === undefined ? given : root.definitions![given.$ref.slice('#/definitions/'.length)]!
    if (schema.oneOf) return this.#value(this.#branch(schema.oneOf, root, depth), root, key, depth)
    if (schema.const !== undefined) return schema.const
    if (schema.enum) return this.#random.pick(schema.enum)
    const types = typeof schema.type === 'string' ? [schema.type] : schema.type ?? ['string']
    return this.#ofType(this.#random.pick(types as JsonType[]), schema, root, key, depth)
  }

  /** Deep down a branch that does not go deeper, where there is one. */
  #branch(branches: readonly Schema[], root: Schema, depth: number): Schema {
    if (depth < MAX_DEPTH) return this.#random.pick(branches)
    const flat = branches.filter(branch => !JSON.stringify(branch.$ref === undefined ? branch : root.definitions![branch.$ref.slice(14)]).includes('$ref'))
    return this.#random.pick(flat.length === 0 ? branches : flat)
  }

  #ofType(type: JsonType, schema: Schema, root: Schema, key: string, depth: number): unknown {
    const random = this.#random
    switch (type) {
      case 'null': return null
      case 'boolean': return random.chance(0.5)
      case 'integer': return Math.round(this.#number(schema, 20))
      case 'number': return this.#number(schema, 20)
      case 'string': return this.#text(schema, key)
      case 'array': return this.#items(schema, root, key, depth)
      case 'object': return this.#object(schema, root, depth)
    }
  }

  #number({ minimum, exclusiveMinimum, maximum }: Schema, span: number): number {
    const low = minimum ?? (exclusiveMinimum === undefined ? -span : exclusiveMinimum + 1)
    const high = Math.min(maximum ?? low + span, low + span)
    const number = low + this.#random.fraction() * (high - low)
    return this.#random.chance(0.7) ? Math.round(number) : number
  }

  #text({ description = '', maxLength }: Schema, key: string): string {
    const random = this.#random
    if (maxLength === 1) return random.pick(['\\', '%', 'x'])
    if (/number dimension|column of numbers/.test(description) && random.chance(0.8)) return random.pick(/column/.test(description) ? NAMES : NUMBERS)
    if (/array dimension/.test(description) && random.chance(0.8)) return random.pick(ARRAYS)
    const texts = TEXTS.find(([pattern]) => pattern.test(key))?.[1] ?? VALUES
    return random.pick(texts)
  }

  #items(schema: Schema, root: Schema, key: string, depth: number): unknown[] {
    const least = schema.minItems ?? 0
    const most = depth < MAX_DEPTH ? Math.max(least, MOST_ITEMS) : least
    return Array.from({ length: this.#random.between(least, most) }, () => this.#value(schema.items!, root, key, depth + 1))
  }

  #object({ properties = {}, required = [] }: Schema, root: Schema, depth: number): Record<string, unknown> {
    const keys = Object.keys(properties).filter(key => required.includes(key) || (key !== '$schema' && this.#random.chance(OPTIONAL_KEY)))
    return Object.fromEntries(keys.map(key => [key, this.#value(properties[key]!, root, key, depth + 1)]))
  }
}

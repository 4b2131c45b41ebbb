import type { Dimension, ElementFilter } from '../../../dsl/query.js'
import { timeUnit } from '../../../dsl/time-units.js'
import type { Dictionary } from '../../column/dictionary.js'
import { keepsNumber, keepsText } from './element-filter.js'
import type { Keys } from './keys.js'
import { EdgeKeys, NumberKeys } from './number-keys.js'
import { ListedKeys, TestedKeys, TextKeys } from './text-keys.js'
import { TimeKeys } from './time-keys.js'
import { WholeKeys } from './whole-keys.js'
import { lowerEdgeOf } from './width.js'

/** The keys of each dimension of group_by. */
export function keysOf(dimensions: readonly Dimension[], dictionaryOf: (name: string) => Dictionary | null): Keys[] {
  return dimensions.map(dimension => createKeys(dimension, dictionaryOf(dimension.dimension)))
}

/** `dictionary` is that of the dimension's column, null of a number. */
function createKeys({ dimension, transform }: Dimension, dictionary: Dictionary | null): Keys {
  switch (transform?.type) {
    case undefined: return dictionary === null ? new NumberKeys(dimension, null) : new TextKeys(dimension, dictionary)
    case 'keep': return dictionary === null ? keptNumbers(dimension, transform.filters) : keptTexts(dimension, transform.filters, dictionary)
    case 'bucket': return new NumberKeys(dimension, lowerEdgeOf(transform.width, transform.offset))
    case 'edges': return new EdgeKeys(dimension, transform.edges)
    case 'time': return new TimeKeys(transform.unit, transform.timeZone)
    case 'whole': return new WholeKeys(dimension, dictionary!)
  }
}

/** How many keys there can be, 0 included, or null where only the rows tell. */
export function keyCount({ transform }: Dimension, dictionary: Dictionary | null): number | null {
  switch (transform?.type) {
    case 'edges': return transform.edges.length + 1
    case 'time': return timeUnit(transform.unit, transform.timeZone).most + 2
    case 'bucket':
    case 'whole': return null
    case 'keep': {
      const texts = listed(transform.filters)
      return dictionary === null ? null : texts === null ? dictionary.size : Math.min(texts.length, dictionary.size) + 1
    }
    case undefined: return dictionary === null ? null : dictionary.size
  }
}

function keptTexts(dimension: string, filters: readonly ElementFilter[], dictionary: Dictionary): Keys {
  const texts = listed(filters)
  return texts === null ? new TestedKeys(dimension, dictionary, keepsText(filters)) : new ListedKeys(dimension, dictionary, texts)
}

function keptNumbers(dimension: string, filters: readonly ElementFilter[]): Keys {
  const keeps = keepsNumber(filters)
  return new NumberKeys(dimension, value => keeps(value) ? value : null)
}

/** The texts that are kept, where a list says it all. */
export function listed(filters: readonly ElementFilter[]): readonly string[] | null {
  const [only, ...others] = filters
  return others.length === 0 && only.type === 'list' && only.keeps ? [...new Set(only.values.map(String))] : null
}

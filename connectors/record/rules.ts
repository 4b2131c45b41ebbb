/** Keys that sources of foreign records share: `map` and `max_bad_share`. */
import { DEFAULT_BAD_SHARE } from '../dead-letters.js'
import type { Settings } from '../settings.js'

type Config = Readonly<Record<string, unknown>>

/** {column: "json.path"} as pairs. Throws SourceError invalid_config. */
export function readMap(settings: Settings, config: Config): readonly (readonly [string, string])[] {
  const section = settings.section('map')
  return Object.keys((config['map'] ?? {}) as object).map(column => [column, section.string(column)] as const)
}

/** Share of unreadable records, 0..1. Throws SourceError invalid_config. */
export function readBadShare(settings: Settings, config: Config): number {
  settings.known('max_bad_share')
  const share = config['max_bad_share'] ?? DEFAULT_BAD_SHARE
  return typeof share === 'number' && share >= 0 && share <= 1 ? share : settings.fail('max_bad_share', 'must be a number from 0 to 1')
}

/** Columns that every table has. */
import type { ColumnType } from '../../dsl/query.js'

/** What tells sessions from each other, and puts them in order. */
export const KEY_COLUMNS: readonly string[] = ['started_at', 'source', 'session_id']

/** giosg's dimensions, with their documented types. */
export const BASE_COLUMNS: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ['started_at', 'number'],
  ['source', 'string'],
  ['session_id', 'string'],
  ['visitor_id', 'string'],
  ['browser_name', 'string'],
  ['browser_version', 'string'],
  ['city', 'string'],
  ['country', 'string'],
  ['device_type', 'string'],
  ['ip_organization', 'string'],
  ['os_name', 'string'],
  ['session_duration_secs', 'number'],
  ['distinct_visited_urls_count', 'number'],
  ['distinct_visited_urls', 'strings'],
  ['distinct_landing_urls', 'strings'],
  ['distinct_referrer_urls', 'strings'],
  ['distinct_search_terms', 'strings'],
  ['rooms', 'strings']
])

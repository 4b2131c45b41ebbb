/** Columns that every table has: giosg's dimensions, with their documented types. */
import type { ColumnType } from '../../dsl/query.js'

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

import type { ColumnDescription, Session } from '../../engine/session.js'
import { arrayOf, isRecord, numberOf, textOf, type JsonObject } from '../record/fields.js'
import { flatten } from '../record/flatten.js'
import { pageRows } from '../record/pages.js'
import { asSession, newRow, RecordFault, type Row } from '../record/row.js'
import { parseTime } from '../record/time.js'

const text = (name: string, description: string): ColumnDescription => ({ name, type: 'string', description })
const number = (name: string, description: string): ColumnDescription => ({ name, type: 'number', description })

export const CONVIVA_COLUMNS: readonly ColumnDescription[] = [
  text('session_id', 'The conviva_session_id; the player\'s session_id alone is not unique.'),
  number('started_at', 'Start of the session, UTC, to the millisecond.'),
  text('visitor_id', 'The client_id: one per installed player.'),
  number('session_duration_secs', 'End less start.'),
  text('is_ended', 'true: Conviva gives ended sessions only.'),
  text('browser_name', 'Browser; missing outside of browsers.'),
  text('browser_version', 'Version of the browser.'),
  text('os_name', 'Operating system.'),
  text('device_type', 'mobile, tablet, desktop, or Conviva\'s hardware type in lower case.'),
  text('city', 'City without state and country.'),
  text('country', 'Country.'),
  text('ip_organization', 'Internet provider.'),
  text('viewer_id', 'Viewer; missing where the account may not see it.'),
  text('ended_status', 'How the session ended.'),
  text('asset', 'Title of the video.'),
  text('content_category', 'Live, VOD, …'),
  number('content_length_ms', 'Length of the video.'),
  text('stream_url', 'Address of the stream.'),
  text('device_name', 'Device.'),
  text('os_family', 'Family of operating systems.'),
  text('os_version', 'Version of the operating system.'),
  text('state', 'State or region.'),
  text('state_code', 'Code of the state.'),
  text('country_code', 'ISO code of the country.'),
  text('continent', 'Continent.'),
  text('postal_code', 'Postal code.'),
  text('dma', 'Designated market area.'),
  text('asn', 'Number of the autonomous system.'),
  text('asn_name', 'Name of the autonomous system.'),
  { name: 'cdn', type: 'strings', description: 'Content delivery networks that served the session.' },
  text('isp', 'Internet provider.'),
  text('last_cdn_edge_server', 'Last edge server.'),
  text('last_cdn_group_id', 'Last group of the CDN.'),
  { name: 'errors', type: 'strings', description: 'Errors of the session.' },
  text('is_exit_before_video_start', 'Left before the video began.'),
  text('is_video_playback_failure', 'Failed while playing.'),
  text('is_video_start_failure', 'Failed to start.'),
  number('video_start_time_ms', 'Wait for the first picture; missing where the video never began.'),
  number('last_play_head_time_ms', 'Last position in the video; missing where unknown.')
]

/** Values that stand for "unknown". */
const SENTINELS: ReadonlyMap<string, number> = new Map([['video_start_time_ms', -3000], ['last_play_head_time_ms', -1]])
const REDACTED = '### REDACTED ###'
const DEVICE_TYPES: ReadonlyMap<string, string> = new Map([['Mobile Phone', 'mobile'], ['Tablet', 'tablet'], ['PC', 'desktop'], ['Desktop', 'desktop']])
const START_NAMES = ['start_time_ms', 'session_start_time_ms', 'start_epoch_ms', 'start_time', 'start_date', 'start_epoch']
const END_NAMES = ['end_time_ms', 'session_end_time_ms', 'end_epoch_ms', 'end_time', 'end_date', 'end_epoch']
const CONTENT = ['ended_status', 'asset', 'content_category', 'stream_url']

/** The rows of a page body, of an array of rows, or of one row. */
export function convivaRows(body: unknown): readonly unknown[] {
  if (isRecord(body) && 'conviva_session_id' in body) return [body]
  return typeof body === 'object' && body !== null ? arrayOf(body) ?? pageRows(body) ?? [body] : [body]
}

/** One of Conviva's content sessions. Throws RecordFault. */
export function mapConvivaRow(raw: unknown, source: string): Session {
  if (!isRecord(raw)) throw new RecordFault('a row that is not an object')
  const fields = new Fields(raw)
  const id = fields.text('conviva_session_id')
  if (id === null) throw new RecordFault('"conviva_session_id" is missing')
  const start = fields.time(START_NAMES)
  if (start === null) throw new RecordFault('the start of the session is missing or not a time')
  const end = fields.time(END_NAMES)
  const row = newRow()
  row['session_id'] = id
  row['started_at'] = start
  row['source'] = source
  row['visitor_id'] = fields.text('client_id')
  row['session_duration_secs'] = end === null || end < start ? null : (end - start) / 1000
  row['is_ended'] = end === null ? null : 'true'
  const viewer = fields.text('viewer_id')
  row['viewer_id'] = viewer === REDACTED ? null : viewer
  for (const name of CONTENT) row[name] = fields.text(name)
  row['content_length_ms'] = fields.number('content_length_ms')
  copyDevice(row, fields)
  copyPlace(row, fields)
  copyNetwork(row, fields)
  row['errors'] = fields.list('errors')
  copyMetrics(row, fields)
  copyTags(row, fields)
  fields.copyRest(row)
  return asSession(row)
}

function copyDevice(row: Row, fields: Fields): void {
  row['browser_name'] = fields.text('device_info.browser', 'device_info.browser.name')
  row['browser_version'] = fields.text('device_info.browser_version', 'device_info.browser.version')
  row['os_name'] = fields.text('device_info.os', 'device_info.os.name')
  row['os_family'] = fields.text('device_info.os_family', 'device_info.os.family')
  row['os_version'] = fields.text('device_info.os_version', 'device_info.os.version')
  row['device_name'] = fields.text('device_info.device_name', 'device_info.name')
  const hardware = textOf(fields.at('tags.selected_dimensions.device_hardware_type'))
  row['device_type'] = hardware ? DEVICE_TYPES.get(hardware) ?? hardware.toLowerCase() : null
}

function copyPlace(row: Row, fields: Fields): void {
  row['country'] = fields.text('geo_info.country.name', 'geo_info.country')
  row['country_code'] = fields.text('geo_info.country.code', 'geo_info.country_code')
  row['state'] = fields.text('geo_info.state.name', 'geo_info.state')
  row['state_code'] = fields.text('geo_info.state.code', 'geo_info.state_code')
  row['continent'] = fields.text('geo_info.continent.name', 'geo_info.continent')
  row['postal_code'] = fields.text('geo_info.postal_code')
  row['dma'] = fields.text('geo_info.dma.name', 'geo_info.dma')
  row['city'] = bareCity(fields.text('geo_info.city.name', 'geo_info.city'), row['state'], row['country'])
}

/** "Helsinki, Uusimaa, Finland" without the state and country that it ends with. */
function bareCity(city: string | null, state: unknown, country: unknown): string | null {
  for (const ending of [`, ${String(state)}, ${String(country)}`, `, ${String(country)}`]) {
    if (city?.endsWith(ending)) return city.slice(0, -ending.length) || null
  }
  return city
}

function copyNetwork(row: Row, fields: Fields): void {
  const isp = fields.text('network_info.isp.name', 'network_info.isp')
  row['isp'] = isp
  row['ip_organization'] = isp
  row['asn'] = fields.text('network_info.asn.number', 'network_info.asn.code', 'network_info.asn')
  row['asn_name'] = fields.text('network_info.asn_name', 'network_info.asn.name')
  row['cdn'] = fields.list('network_info.cdn', 'cdn')
  row['last_cdn_edge_server'] = fields.text('network_info.last_cdn_edge_server', 'last_cdn_edge_server')
  row['last_cdn_group_id'] = fields.text('network_info.last_cdn_group_id', 'last_cdn_group_id')
}

function copyMetrics(row: Row, fields: Fields): void {
  for (const [name, value] of fields.section('lifetime_metrics')) {
    const metric = numberOf(value)
    row[name] = metric === SENTINELS.get(name) ? null : metric ?? textOf(value)
  }
}

/** Tag keys keep their case; their values are text, and "" is a missing one. */
function copyTags(row: Row, fields: Fields): void {
  for (const [name, value] of fields.section('tags.selected_dimensions')) row[`dim_${name}`] = textOf(value) || null
  for (const [name, value] of fields.section('tags.custom_tags')) row[`tag_${name}`] = textOf(value) || null
}

/** Reads fields by path and remembers which, so that all others can be kept as they are. */
class Fields {
  readonly #raw: JsonObject
  readonly #read = new Set<string>()

  constructor(raw: JsonObject) {
    this.#raw = raw
  }

  at(path: string): unknown {
    let value: unknown = this.#raw
    for (const key of path.split('.')) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
    return value
  }

  /** The first of these paths that holds text or a number; "" is missing. */
  text(...paths: string[]): string | null {
    return this.#first(paths, value => textOf(value) || null)
  }

  number(...paths: string[]): number | null {
    return this.#first(paths, numberOf)
  }

  time(paths: readonly string[]): number | null {
    return this.#first(paths, value => value === 0 ? null : parseTime(value))
  }

  /** An array as strings; a single text is a list of one. */
  list(...paths: string[]): readonly string[] {
    return this.#first(paths, value => {
      const items = arrayOf(value) ?? (textOf(value) ? [value] : null)
      return items?.map(item => textOf(item) ?? JSON.stringify(item)).filter(item => item !== '') ?? null
    }) ?? []
  }

  section(path: string): [string, unknown][] {
    const value = this.at(path)
    this.#read.add(path)
    return isRecord(value) ? Object.entries(value) : []
  }

  #first<T>(paths: readonly string[], read: (value: unknown) => T | null): T | null {
    for (const path of paths) {
      const raw = this.at(path)
      const value = read(raw)
      if (!isRecord(raw) && raw !== undefined) this.#read.add(path)
      if (value !== null) return value
    }
    return null
  }

  /** Unknown fields under their own names, and the is_* booleans with them. */
  copyRest(row: Row): void {
    for (const [path, value] of Object.entries(flatten(this.#raw, null))) {
      if (this.#read.has(path) || [...this.#sections()].some(section => path.startsWith(section))) continue
      if (!Object.hasOwn(row, path)) row[path] = value === '' ? null : value
    }
  }

  * #sections(): Generator<string> {
    for (const path of ['lifetime_metrics', 'tags.selected_dimensions', 'tags.custom_tags']) if (this.#read.has(path)) yield `${path}.`
  }
}

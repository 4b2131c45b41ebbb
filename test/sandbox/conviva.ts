/** Conviva's content sessions, as SOURCES.md describes them, with a switch for everything that it leaves open. */
import type { Session } from '../../engine/session.js'
import { livelyView } from './life/video.js'
import { seeded, type Random } from './random.js'
import { startServer, type SandboxAnswer, type SandboxOptions, type SandboxRequest, type SandboxServer } from './server.js'

export interface ConvivaOptions extends SandboxOptions {
  readonly seed?: number
  readonly sessions?: number
  /** Sessions as people make them, for who looks at the answers; else all is equally likely, and some of it odd. */
  readonly life?: boolean
  /** Sessions are spread over so many days before `now()`; 30 where absent. */
  readonly days?: number
  /** So many of them within one hour. */
  readonly busy?: number
  /** {offset: sessions} that start and end together, so many ms after the middle of the range. */
  readonly bursts?: Readonly<Record<number, number>>
  /** Whether a range is one of starts or of ends. */
  readonly rangeBy?: 'start' | 'end'
  /** Whether the bounds themselves belong to the range. */
  readonly bounds?: 'closed' | 'from' | 'to' | 'open'
  /** What `limit` is silently lowered to. */
  readonly cap?: number
  readonly clientId?: string
  readonly clientSecret?: string
}

export interface Conviva extends SandboxServer {
  /** Configuration of a source that reads this server. */
  readonly config: Record<string, unknown>
  /** What the sessions that have ended by now must look like in the engine. */
  truth(source: string): Session[]
}

export interface View {
  readonly id: string
  readonly client: string
  readonly viewer: string | null
  readonly start: number
  readonly end: number
  readonly place: Place
  readonly device: Device
  readonly isp: readonly [name: string, asn: number]
  readonly asset: string
  readonly live: boolean
  readonly failure: 'start' | 'playback' | 'exit' | null
  readonly startTime: number
  readonly bitrate: number
  readonly cdns: readonly string[]
  readonly affiliate: string | null
}

export type Place = readonly [city: string, state: string, stateCode: string, country: string, code: string, postal: string]
export type Device = readonly [hardware: string, deviceType: string, os: string, version: string, browser: string | null, browserVersion: string | null]

const HOUR = 3_600_000
const DAY = 24 * HOUR
const RETENTION = 31 * DAY
const PLACES: readonly Place[] = [
  ['Helsinki', 'Uusimaa', 'FI-18', 'Finland', 'FI', '00100'], ['Tampere', 'Pirkanmaa', 'FI-11', 'Finland', 'FI', '33100'],
  ['Stockholm', 'Stockholm County', 'SE-AB', 'Sweden', 'SE', '11120'], ['San José', 'California', 'US-CA', 'United States', 'US', '95110'],
  ['Washington, D.C.', 'District of Columbia', 'US-DC', 'United States', 'US', ''], ['', 'Bayern', 'DE-BY', 'Germany', 'DE', '80331']
]
const DEVICES: readonly Device[] = [
  ['Mobile Phone', 'mobile', 'iOS', '17.4', null, null], ['Tablet', 'tablet', 'Android', '14', null, null],
  ['PC', 'desktop', 'Windows', '11', 'Chrome', '120.0'],
  ['Desktop', 'desktop', 'macOS', '14.3', 'Safari', '17.2'], ['Smart TV', 'smart tv', 'Tizen', '7.0', null, null],
  ['Set Top Box', 'set top box', 'Linux', '5.10', null, null]
]
const ISPS: readonly (readonly [string, number])[] = [['Elisa Oyj', 719], ['Telia Company AB', 1299], ['DNA Oyj', 16086], ['Comcast Cable', 7922]]

export async function startConviva(options: ConvivaOptions = {}): Promise<Conviva> {
  const now = options.now ?? Date.now
  const credentials = `${options.clientId ?? 'sandbox-client'}:${options.clientSecret ?? 'conviva-secret-4f7a'}`
  const views = seedViews(options, now())
  const key = options.rangeBy ?? 'start'
  views.sort((a, b) => a[key] - b[key])

  function handle(request: SandboxRequest): SandboxAnswer {
    if (request.path !== '/insights/3.0/sessions/content') return { status: 404, json: { message: 'Not Found' } }
    if (request.headers.authorization !== `Basic ${Buffer.from(credentials).toString('base64')}`) {
      return { status: 401, json: { message: `Authentication failed for ${credentials}` } }
    }
    const range = readRange(request)
    if (typeof range === 'string') return { status: 400, json: { message: range } }
    if (range.end < range.start || range.end === range.start && options.bounds === 'open') return { status: 400, json: { message: 'end must be after start' } }
    if (range.end - range.start > 3 * HOUR) return { status: 400, json: { message: 'The time range must not exceed 3 hours' } }
    if (range.start < now() - RETENTION) return { status: 400, json: { message: 'start must be within the last 31 days' } }
    const limit = Number(request.query.get('limit') ?? 50)
    if (!(limit >= 1 && limit <= 1500)) return { status: 400, json: { message: 'limit must be between 1 and 1500' } }
    const failed = request.query.get('is_video_start_failure')
    const found = between(views, key, range, options.bounds ?? 'closed').filter(view => {
      return view.end <= now() && (failed === null || String(view.failure === 'start') === failed)
    })
    return { json: { sessions: sample(found, Math.min(limit, options.cap ?? limit)).map(rowOf) } }
  }

  const server = await startServer(handle, options)
  return {
    ...server,
    config: { type: 'conviva', base_url: server.url, client_id: credentials.split(':')[0], client_secret: credentials.split(':')[1] },
    truth: source => views.filter(view => view.end <= now()).map(view => sessionOf(view, source))
  }
}

function seedViews(options: ConvivaOptions, now: number): View[] {
  const random = seeded(options.seed ?? 2)
  const span = (options.days ?? 30) * DAY
  const count = options.sessions ?? 10_000
  const busyFrom = now - Math.floor(span / 3)
  const views: View[] = []
  for (let i = 0; i < count; i++) {
    if (options.life) {
      views.push({ ...newView(random, i, 0, 0), ...livelyView(random, now - span, now) })
      continue
    }
    const start = i < (options.busy ?? 0) ? busyFrom + random.int(0, HOUR) : now - random.int(1, span)
    // a few are watched for hours, and some have not ended yet
    views.push(newView(random, i, start, start + (random.chance(0.05) ? random.int(HOUR, 5 * HOUR) : random.int(1_000, HOUR))))
  }
  for (const [offset, size] of Object.entries(options.bursts ?? {})) {
    const at = now - Math.floor(span / 2) + Number(offset)
    for (let i = 0; i < size; i++) views.push(newView(random, views.length, at, at))
  }
  return views
}

function newView(random: Random, index: number, start: number, end: number): View {
  const failure = random.chance(0.06) ? random.pick(['start', 'playback', 'exit'] as const) : null
  return {
    id: `${random.int(1, 4_000_000_000)}-${index}`,
    client: `c${random.int(1, 2_500)}.${random.hex(6)}`,
    viewer: random.chance(0.2) ? null : random.chance(0.2) ? '### REDACTED ###' : `viewer-${random.int(1, 2_000)}`,
    start,
    end,
    place: random.pick(PLACES),
    device: random.pick(DEVICES),
    isp: random.pick(ISPS),
    asset: `Episode ${random.int(1, 60)}`,
    live: random.chance(0.3),
    failure,
    startTime: random.int(150, 9_000),
    bitrate: random.int(400, 9_000),
    cdns: random.chance(0.1) ? [] : random.chance(0.1) ? ['AKAMAI', 'FASTLY'] : [random.pick(['AKAMAI', 'FASTLY', 'LEVEL3'])],
    affiliate: random.chance(0.3) ? null : random.pick(['Web', 'App', ''])
  }
}

/** Milliseconds, or what is wrong. A plus sign that was not encoded has become a space, which no date holds. */
function readRange(request: SandboxRequest): { start: number; end: number } | string {
  const instant = (side: string): number => {
    const date = request.query.get(`${side}_date`)
    if (date !== null) return /\s/.test(date) ? Number.NaN : Date.parse(date)
    const seconds = request.query.get(`${side}_epoch`)
    return seconds === null ? Number(request.query.get(`${side}_epoch_ms`) ?? Number.NaN) : Number(seconds) * 1000
  }
  const range = { start: instant('start'), end: instant('end') }
  return Number.isInteger(range.start) && Number.isInteger(range.end) ? range : 'A time range is required'
}

function between(views: readonly View[], key: 'start' | 'end', range: { start: number; end: number }, bounds: NonNullable<ConvivaOptions['bounds']>): View[] {
  const first = bounds === 'closed' || bounds === 'from' ? range.start : range.start + 1
  const last = bounds === 'closed' || bounds === 'to' ? range.end : range.end - 1
  let low = 0
  for (let high = views.length; low < high;) {
    const middle = low + high >> 1
    if (views[middle]![key] < first) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < views.length && views[end]![key] <= last) end++
  return views.slice(low, end)
}

/** Not the first ones, but some from everywhere: nothing in the answer tells that it was cut. */
function sample(views: readonly View[], limit: number): readonly View[] {
  if (views.length <= limit) return views
  return Array.from({ length: limit }, (_, index) => views[Math.floor(index * views.length / limit)]!)
}

function rowOf(view: View): Record<string, unknown> {
  const [city, state, stateCode, country, code, postal] = view.place
  const [hardware, , os, version, browser, browserVersion] = view.device
  return {
    // one player counts its sessions from one again after every start
    session_id: view.id.split('-')[0],
    conviva_session_id: view.id,
    client_id: view.client,
    ...view.viewer === null ? {} : { viewer_id: view.viewer },
    start_time_ms: view.start,
    end_time_ms: view.end,
    ended_status: view.failure === null ? 'Ended Play' : 'Failed',
    asset: view.asset,
    content_category: view.live ? 'Live' : 'VOD',
    content_length_ms: view.live ? null : 2_700_000,
    stream_url: `https://stream.example/${view.live ? 'live' : 'vod'}.m3u8`,
    is_exit_before_video_start: view.failure === 'exit',
    is_video_playback_failure: view.failure === 'playback',
    is_video_start_failure: view.failure === 'start',
    errors: view.failure === null || view.failure === 'exit' ? [] : [`ERR_${view.failure.toUpperCase()}`],
    device_info: {
      device_name: `${os} ${hardware}`, os, os_family: os, os_version: version, ...browser === null ? {} : { browser, browser_version: browserVersion }
    },
    geo_info: {
      city: city === '' ? '' : `${city}, ${state}, ${country}`, state: { name: state, code: stateCode },
      country: { name: country, code }, continent: code === 'US' ? 'North America' : 'Europe',
      postal_code: postal, dma: ''
    },
    network_info: {
      isp: view.isp[0], asn: view.isp[1], asn_name: view.isp[0].toUpperCase(), cdn: view.cdns, last_cdn_edge_server: '', last_cdn_group_id: 'g1'
    },
    lifetime_metrics: {
      video_start_time_ms: view.failure === 'start' || view.failure === 'exit' ? -3000 : view.startTime,
      last_play_head_time_ms: view.live ? -1 : view.end - view.start,
      average_bitrate_kbps: view.bitrate,
      playing_time_ms: view.failure === 'start' ? 0 : view.end - view.start,
      rebuffering_ratio: view.bitrate % 7 / 100
    },
    tags: { selected_dimensions: { device_hardware_type: hardware, isLive: String(view.live) }, custom_tags: { Affiliate: view.affiliate ?? '', 'c3.app': 12 } }
  }
}

function sessionOf(view: View, source: string): Session {
  const [city, state, stateCode, country, code, postal] = view.place
  const [hardware, deviceType, os, version, browser, browserVersion] = view.device
  const length = view.end - view.start
  return {
    session_id: view.id,
    started_at: view.start,
    source,
    visitor_id: view.client,
    session_duration_secs: length / 1000,
    is_ended: 'true',
    viewer_id: view.viewer?.startsWith('viewer') ? view.viewer : null,
    ended_status: view.failure === null ? 'Ended Play' : 'Failed',
    asset: view.asset,
    content_category: view.live ? 'Live' : 'VOD',
    stream_url: `https://stream.example/${view.live ? 'live' : 'vod'}.m3u8`,
    content_length_ms: view.live ? null : 2_700_000,
    browser_name: browser,
    browser_version: browserVersion,
    os_name: os,
    os_family: os,
    os_version: version,
    device_name: `${os} ${hardware}`,
    device_type: deviceType,
    country,
    country_code: code,
    state,
    state_code: stateCode,
    continent: code === 'US' ? 'North America' : 'Europe',
    postal_code: postal || null,
    dma: null,
    city: city || null,
    isp: view.isp[0],
    ip_organization: view.isp[0],
    asn: String(view.isp[1]),
    asn_name: view.isp[0].toUpperCase(),
    cdn: view.cdns,
    last_cdn_edge_server: null,
    last_cdn_group_id: 'g1',
    errors: view.failure === 'start' ? ['ERR_START'] : view.failure === 'playback' ? ['ERR_PLAYBACK'] : [],
    video_start_time_ms: view.failure === 'start' || view.failure === 'exit' ? null : view.startTime,
    last_play_head_time_ms: view.live ? null : length,
    average_bitrate_kbps: view.bitrate,
    playing_time_ms: view.failure === 'start' ? 0 : length,
    rebuffering_ratio: view.bitrate % 7 / 100,
    dim_device_hardware_type: hardware,
    dim_isLive: String(view.live),
    tag_Affiliate: view.affiliate || null,
    'tag_c3.app': '12',
    is_exit_before_video_start: String(view.failure === 'exit'),
    is_video_playback_failure: String(view.failure === 'playback'),
    is_video_start_failure: String(view.failure === 'start')
  }
}

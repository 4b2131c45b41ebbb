/** Conviva's content sessions (Sessions API 3.0): windows of time, because there is no paging. */
import { DeadLetters } from '../dead-letters.js'
import { SourceError } from '../errors.js'
import { Budgets, readBudget } from '../http/budgets.js'
import { CHECK_REQUEST, checkResult, type Patience } from '../http/check.js'
import { systemClock } from '../http/clock.js'
import type { Limiter } from '../http/limiter.js'
import { requestJson } from '../http/request.js'
import { RecentKeys } from '../recent-keys.js'
import { textOf } from '../record/fields.js'
import { readSettings } from '../settings.js'
import type { Batch, CheckResult, ColumnDescription, Gap, ReadOptions, Source } from '../source.js'
import { stretchText } from '../stretch.js'
import { newReport } from '../source.js'
import { readWatermark, watermarkAfter, type Watermark } from '../watermark.js'
import { CONVIVA_COLUMNS, convivaRows, mapConvivaRow } from './row.js'
import { isFullAnswer, LONGEST_WINDOW_MS, nextWidth, RETENTION_MS, toBounds, type Bounds, type Range } from './window.js'

const PATH = '/insights/3.0/sessions/content'
const DEFAULT_BASE_URL = 'https://api.conviva.com'
/** The most that a request may ask for, and the least requests. */
const MAX_LIMIT = 1_500
/** A 429 does not say when to come back; limits are per minute. */
const RATE_LIMIT_WAIT_MS = 60_000
/** 400 a minute for the account, 3,000 in five minutes for the address. */
const RATES = [{ requests: 400, perMs: 60_000 }, { requests: 3_000, perMs: 300_000 }]
/** Keeps the oldest window inside the retention while requests before it wait. */
const RETENTION_MARGIN_MS = 10 * 60_000
const KEYS = '"client_id" and "client_secret"'

export type ConvivaState = Watermark

interface Config {
  readonly account: string
  readonly url: string
  readonly limiter: Limiter
  readonly authorization: string
  readonly lookbackMs: number
  readonly limit: number
  readonly filters: readonly (readonly [string, string])[]
}

/** Config keys: base_url, client_id, client_secret, lookback (PT6H), limit (1500), filters. Throws SourceError invalid_config. */
export function createConvivaSource(name: string, config: Readonly<Record<string, unknown>>, budgets = new Budgets()): Source<ConvivaState> {
  return new ConvivaSource(name, readConfig(name, config, budgets))
}

function readConfig(name: string, config: Readonly<Record<string, unknown>>, budgets: Budgets): Config {
  const settings = readSettings(name, config)
  const user = settings.string('client_id')
  if (user.includes(':')) settings.fail('client_id', 'holds a colon, which Basic authentication cannot carry')
  settings.section('filters')
  const filters = Object.entries((config['filters'] ?? {}) as object).map(([key, value]) => {
    if (/^(start|end)_(date|epoch|epoch_ms)$|^limit$/.test(key)) settings.fail(`filters.${key}`, 'is set by the connector itself')
    const text = textOf(value)
    return [key, text ?? settings.fail(`filters.${key}`, 'must be a string, number or boolean')] as const
  })
  const base = settings.baseUrl(DEFAULT_BASE_URL)
  const account = `${base} as ${user}`
  const checked = {
    account,
    url: base + PATH,
    limiter: budgets.of('conviva', account, readBudget(settings, { concurrency: 1, rates: RATES })),
    authorization: `Basic ${Buffer.from(`${user}:${settings.string('client_secret')}`).toString('base64')}`,
    lookbackMs: settings.duration('lookback', 'PT6H'),
    limit: settings.integer('limit', MAX_LIMIT, 1, MAX_LIMIT),
    filters
  }
  settings.done()
  return checked
}

type Ask = (bounds: Bounds) => Promise<readonly unknown[]>

class ConvivaSource implements Source<ConvivaState> {
  readonly name: string
  readonly type = 'conviva'
  readonly #config: Config

  constructor(name: string, config: Config) {
    this.name = name
    this.#config = config
  }

  get account(): string {
    return this.#config.account
  }

  get scope(): string {
    return new URLSearchParams(this.#config.filters.map(([key, value]) => [key, value])).toString()
  }

  watermark(state: ConvivaState): number {
    return readWatermark(this.name, state) ?? 0
  }

  describe(): readonly ColumnDescription[] {
    return CONVIVA_COLUMNS
  }

  async check(options: Pick<ReadOptions, 'signal' | 'clock' | 'fetch'> = {}): Promise<CheckResult> {
    const now = (options.clock ?? systemClock).now()
    return checkResult(async () => {
      await this.#asker(options, 1, CHECK_REQUEST)({ start: now - 60_000, end: now })
      return 'Conviva accepts the credentials.'
    })
  }

  async* read(options: ReadOptions<ConvivaState> = {}): AsyncGenerator<Batch<ConvivaState>> {
    const stored = readWatermark(this.name, options.state)
    const report = options.report ?? newReport()
    const letters = new DeadLetters(this.name, report, options)
    const seen = new RecentKeys()
    const oldest = oldestKept((options.clock ?? systemClock).now())
    for await (const { rows, range, gap } of this.#walk({ ...options, report }, stored)) {
      const sessions = rows.flatMap(row => letters.attempt(row, () => mapConvivaRow(row, this.name)) ?? [])
      report.rows += sessions.length
      report.duplicates += seen.add(sessions.map(session => session.session_id))
      if (gap) report.suspectedGaps.push(gap)
      letters.checkEarly()
      yield { sessions, state: watermarkAfter(options, stored, range.to, oldest) }
    }
    letters.finish()
  }

  /** Leaf windows in order of time, together the whole range; a window that is full is asked for again in halves. */
  async* #walk(options: ReadOptions<ConvivaState> & { report: ReturnType<typeof newReport> }, stored: number | null): AsyncGenerator<Leaf> {
    const { report } = options
    const now = (options.clock ?? systemClock).now()
    const ask = this.#asker(options, this.#config.limit)
    const whole = this.#range(options.interval, stored, now, report.suspectedGaps)
    let width = LONGEST_WINDOW_MS
    for (let from = whole.from; from < whole.to;) {
      const range = { from, to: Math.min(from + width, whole.to) }
      report.position = stretchText(range.from, range.to)
      const rows = await ask(toBounds(range))
      const full = isFullAnswer(rows.length, this.#config.limit)
      if (full && range.to - range.from > 1) {
        width = (range.to - range.from) >> 1
        continue
      }
      yield full ? await this.#instant(range, rows, ask) : { rows, range }
      width = nextWidth(width, rows.length, this.#config.limit)
      from = range.to
      report.progress = (from - whole.from) / (whole.to - whole.from)
    }
  }

  /** What has to be read: from the watermark or the interval less what may come late, no further back than Conviva keeps. */
  #range(interval: ReadOptions['interval'], stored: number | null, now: number, gaps: Gap[]): Range {
    const oldest = oldestKept(now)
    const wanted = interval?.start ?? (stored === null ? oldest : stored - this.#config.lookbackMs)
    // by the end of a session, what started inside the interval comes after it
    const to = Math.min(now, interval ? interval.end + this.#config.lookbackMs : now)
    const lost = Math.min(interval?.start ?? stored ?? oldest, to)
    if (lost < oldest) {
      gaps.push({ from: lost, to: Math.min(oldest, to), reason: 'Conviva keeps 31 days: sessions of this time can no longer be read' })
    }
    return { from: Math.max(wanted, oldest), to }
  }

  /**
   * One millisecond that is full still. Smaller bounds leave the neighbours out: unless both bounds are open, one of the halves covers
   * the instant, and all three are empty where both are. Where both are closed, the milliseconds beside a full one are suspected with it.
   */
  async #instant(range: Range, rows: readonly unknown[], ask: Ask): Promise<Leaf> {
    const at = range.from
    const { limit } = this.#config
    const parts: (readonly unknown[])[] = []
    for (const bounds of [{ start: at, end: at + 1 }, { start: at - 1, end: at }, { start: at, end: at }]) parts.push(await orEmpty(ask(bounds)))
    const [after, before, alone] = parts as [readonly unknown[], readonly unknown[], readonly unknown[]]
    const isWhole = (part: readonly unknown[]) => !isFullAnswer(part.length, limit)
    const complete = after.length + before.length > 0 && isWhole(after) && isWhole(before) || alone.length > 0 && isWhole(alone)
    const leaf = { rows: distinct([...rows, ...parts.flat()]), range }
    if (complete) return leaf
    return { ...leaf, gap: { from: at, to: at + 1, reason: `more sessions in one millisecond than the ${limit} that Conviva answers with at most` } }
  }

  #asker(options: Pick<ReadOptions, 'signal' | 'clock' | 'fetch' | 'report'>, limit: number, patience: Patience = {}): Ask {
    return async ({ start, end }) => {
      const query = new URLSearchParams({ start_epoch_ms: String(start), end_epoch_ms: String(end), limit: String(limit) })
      for (const [key, value] of this.#config.filters) query.append(key, value)
      const { body } = await requestJson({
        source: this.name, url: `${this.#config.url}?${query}`, headers: { authorization: this.#config.authorization }, credentialKeys: KEYS,
        retry: { rateLimitMs: RATE_LIMIT_WAIT_MS }, limiter: this.#config.limiter, explain, ...patience,
        signal: options.signal, clock: options.clock, fetch: options.fetch, report: options.report
      })
      const rows = body === null ? [] : convivaRows(body)
      if (rows.length === 1 && rows[0] === body) throw new SourceError('source_protocol', this.name, 'the answer holds no list of sessions; check "base_url"')
      return rows
    }
  }
}

function oldestKept(now: number): number {
  return now - RETENTION_MS + RETENTION_MARGIN_MS
}

/** Conviva may refuse a range without length. */
async function orEmpty(answer: Promise<readonly unknown[]>): Promise<readonly unknown[]> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof SourceError && error.code === 'source_rejected') return []
    throw error
  }
}

interface Leaf {
  readonly rows: readonly unknown[]
  readonly range: Range
  readonly gap?: Gap
}

function explain(status: number): { message: string } | undefined {
  if (status === 400) return { message: 'the request is refused; check "filters" and "limit", and that the clock of this machine is right' }
  return undefined
}

function distinct(rows: readonly unknown[]): unknown[] {
  return [...new Map(rows.map(row => [JSON.stringify(row), row])).values()]
}

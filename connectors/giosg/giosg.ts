/** giosg's visitor sessions: its API answers queries, and sessions are put together from grouped answers. */
import { DeadLetters } from '../dead-letters.js'
import { SourceError } from '../errors.js'
import { Budgets, readBudget } from '../http/budgets.js'
import { CHECK_REQUEST, checkResult, type Patience } from '../http/check.js'
import { systemClock } from '../http/clock.js'
import { connectionFault } from '../http/errors.js'
import type { Limiter } from '../http/limiter.js'
import { environmentFetch } from '../http/proxy.js'
import { requestJson } from '../http/request.js'
import { RecentKeys } from '../recent-keys.js'
import { isTable, type Table } from '../record/pages.js'
import { RecordFault } from '../record/row.js'
import { readSettings } from '../settings.js'
import type { Batch, CheckResult, ColumnDescription, ReadOptions, Source, SourceReport } from '../source.js'
import { stretchText } from '../stretch.js'
import { newReport } from '../source.js'
import { readWatermark, watermarkAfter, type Watermark } from '../watermark.js'
import { GIOSG_ARRAYS, GIOSG_COLUMNS, GIOSG_NUMBERS, GIOSG_SCALARS, GiosgSessions } from './table.js'
import { ceilMinute, floorMinute, LONGEST_WINDOW_MS, MINUTE_MS, narrower, wider, type Window } from './window.js'

const DEFAULT_BASE_URL = 'https://service.giosg.com'
/** Before any session that giosg can have. */
const EARLIEST = Date.UTC(2011, 0, 1)
/** An answer that fails is rather asked for in halves than waited for. */
const ATTEMPTS = 3
/** Sessions of one window, which are in memory together. */
const TARGET_SESSIONS = 20_000
const BATCH_SESSIONS = 4_096
/** Faults of an answer that may be too large or too slow for the system. */
const TOO_MUCH = new Set(['source_failed', 'source_unreachable', 'source_protocol'])
const KEYS = '"api_key"'

export type GiosgState = Watermark

interface Config {
  readonly account: string
  readonly url: string
  readonly limiter: Limiter
  readonly apiKey: string
  readonly lookbackMs: number
}

/** Config keys: base_url, organization_id, api_key, lookback (PT24H). Throws SourceError invalid_config. */
export function createGiosgSource(name: string, config: Readonly<Record<string, unknown>>, budgets = new Budgets()): Source<GiosgState> {
  return new GiosgSource(name, readConfig(name, config, budgets))
}

function readConfig(name: string, config: Readonly<Record<string, unknown>>, budgets: Budgets): Config {
  const settings = readSettings(name, config)
  const organization = encodeURIComponent(settings.id('organization_id'))
  const account = `${settings.baseUrl(DEFAULT_BASE_URL)}/api/reporting/v1/orgs/${organization}`
  const checked = {
    account,
    url: `${account}/visitor_sessions`,
    limiter: budgets.of('giosg', account, readBudget(settings, { concurrency: 1 })),
    apiKey: settings.string('api_key'),
    lookbackMs: settings.duration('lookback', 'PT24H')
  }
  settings.done()
  return checked
}

type Options = Pick<ReadOptions, 'signal' | 'clock' | 'fetch' | 'report'>

interface GiosgQuery {
  readonly granularity: 'all' | 'minute'
  readonly group_by: readonly string[]
  readonly aggregations: readonly { readonly type: string; readonly fields?: readonly string[] }[]
}

/** What one reading has learnt about the system. */
interface Knowledge {
  scalars: readonly string[]
  arrays: readonly string[]
  /** No answer at all so far: a fault is then rather one of the connection than one of the window. */
  probed: boolean
}

class GiosgSource implements Source<GiosgState> {
  readonly name: string
  readonly type = 'giosg'
  readonly #config: Config

  constructor(name: string, config: Config) {
    this.name = name
    this.#config = config
  }

  get account(): string {
    return this.#config.account
  }

  watermark(state: GiosgState): number {
    return readWatermark(this.name, state) ?? 0
  }

  describe(): readonly ColumnDescription[] {
    return GIOSG_COLUMNS
  }

  async check(options: Options = {}): Promise<CheckResult> {
    const now = floorMinute((options.clock ?? systemClock).now())
    return checkResult(async () => {
      await this.#ask({ from: now - 60 * MINUTE_MS, to: now }, countQuery, options, CHECK_REQUEST)
      return 'giosg accepts the key and knows the organization.'
    })
  }

  async* read(options: ReadOptions<GiosgState> = {}): AsyncGenerator<Batch<GiosgState>> {
    const stored = readWatermark(this.name, options.state)
    const report = options.report ?? newReport()
    const letters = new DeadLetters(this.name, report, options)
    const now = (options.clock ?? systemClock).now()
    const { interval } = options
    const from = floorMinute(Math.max(interval?.start ?? (stored === null ? EARLIEST : stored - this.#config.lookbackMs), EARLIEST))
    const to = ceilMinute(interval ? Math.min(interval.end, now) : now)
    const knowledge: Knowledge = { scalars: GIOSG_SCALARS, arrays: GIOSG_ARRAYS, probed: false }
    const seen = new RecentKeys()
    let width = LONGEST_WINDOW_MS
    for (let at = from; at < to;) {
      const window = { from: at, to: Math.min(at + width, to) }
      report.position = stretchText(window.from, window.to)
      const outcome = await this.#window(window, knowledge, { ...options, report }, letters)
      if (outcome === 'too_much') {
        width = narrower(window)
        continue
      }
      letters.checkEarly()
      at = window.to
      report.progress = (at - from) / (to - from)
      report.duplicates += seen.add(outcome.map(session => session.session_id))
      const read = (ms: number) => watermarkAfter(options, stored, ms, EARLIEST)
      yield* batches(outcome, read(window.from), read(Math.min(at, floorMinute(now))), report)
      width = wider(width, outcome.length, TARGET_SESSIONS)
    }
    letters.finish()
  }

  /** The sessions of one window, or that it is too wide. */
  async #window(window: Window, knowledge: Knowledge, options: Options & { report: SourceReport }, letters: DeadLetters) {
    const narrowable = window.to - window.from > MINUTE_MS
    try {
      const count = counted(await this.#ask(window, countQuery, options))
      if (!knowledge.probed) await this.#probe(window, knowledge, options)
      knowledge.probed = true
      if (count > TARGET_SESSIONS && narrowable) return 'too_much'
      if (count === 0) return []
      const sessions = await this.#sessions(window, knowledge, options, letters)
      if (sessions.length < count) {
        const reason = `giosg counts ${count} sessions and gives ${sessions.length}`
        options.report.suspectedGaps.push({ from: window.from, to: window.to, reason, atLeast: count - sessions.length })
      }
      return sessions
    } catch (error) {
      if (error instanceof SourceError && TOO_MUCH.has(error.code) && !(error instanceof UnsentError) && narrowable) return 'too_much'
      throw error
    }
  }

  async #sessions(window: Window, knowledge: Knowledge, options: Options & { report: SourceReport }, letters: DeadLetters) {
    const sessions = new GiosgSessions(this.name)
    const add = (table: Table, expected: readonly string[], mayBegin: boolean) => {
      const { missing, unknown } = this.#understood(() => sessions.add(table, expected, (row, read) => letters.attempt(row, read), mayBegin))
      for (const name of missing) warn(options.report, `giosg's answer lacks the dimension "${name}"; it stays empty.`)
      for (const name of unknown) warn(options.report, `giosg's answer has a field "${name}" that its documents do not; it is kept.`)
    }
    add(await this.#ask(window, rowQuery(knowledge.scalars), options), [...knowledge.scalars, ...GIOSG_NUMBERS], true)
    for (const name of knowledge.arrays) add(await this.#ask(window, arrayQuery(name), options), [name], false)
    return sessions.take()
  }

  #understood<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof RecordFault) throw new SourceError('source_data', this.name, error.message)
      throw error
    }
  }

  /** Finds dimensions that this giosg does not have; they are left out and reported. */
  async #probe(window: Window, knowledge: Knowledge, options: Options & { report: SourceReport }): Promise<void> {
    const minute = { from: window.to - MINUTE_MS, to: window.to }
    const accepts = (query: GiosgQuery) => this.#accepts(minute, query, options)
    if (!await accepts(rowQuery(knowledge.scalars))) knowledge.scalars = await keep(knowledge.scalars, name => accepts(rowQuery([name])), options.report)
    knowledge.arrays = await keep(knowledge.arrays, name => accepts(arrayQuery(name)), options.report)
  }

  async #accepts(window: Window, query: GiosgQuery, options: Options): Promise<boolean> {
    try {
      await this.#ask(window, query, options)
      return true
    } catch (error) {
      if (error instanceof SourceError && error.code === 'source_rejected') return false
      throw error
    }
  }

  async #ask({ from, to }: Window, query: GiosgQuery, options: Options, patience: Patience = {}): Promise<Table> {
    let unsent = false
    const watched: typeof fetch = async (...request) => {
      try {
        return await (options.fetch ?? environmentFetch)(...request)
      } catch (error) {
        unsent = connectionFault(error).unsent
        throw error
      }
    }
    const interval = { start: new Date(from).toISOString(), end: new Date(to).toISOString(), time_zone: 'UTC' }
    try {
      const { body } = await requestJson({
        source: this.name, url: this.#config.url, method: 'POST', json: { interval, ...query, filters: null },
        headers: { authorization: `Token ${this.#config.apiKey}` }, credentialKeys: KEYS, explain, retry: { attempts: ATTEMPTS }, ...patience,
        limiter: this.#config.limiter, signal: options.signal, clock: options.clock, fetch: watched, report: options.report
      })
      if (isTable(body)) return body
    } catch (error) {
      if (unsent && error instanceof SourceError) throw new UnsentError(error)
      throw error
    }
    throw new SourceError('source_data', this.name, 'the answer has no "fields" and "data"; check "base_url"')
  }
}

/** The host was not reached: asking for less would change nothing. */
class UnsentError extends SourceError {
  constructor(error: SourceError) {
    super(error.code, error.source, error.message.slice(`source ${JSON.stringify(error.source)}: `.length), { cause: error })
  }
}

const countQuery: GiosgQuery = { granularity: 'all', group_by: [], aggregations: [{ type: 'count' }] }

function rowQuery(scalars: readonly string[]): GiosgQuery {
  return { granularity: 'minute', group_by: ['session_id', ...scalars], aggregations: [{ type: 'avg', fields: GIOSG_NUMBERS }] }
}

function arrayQuery(name: string): GiosgQuery {
  return { granularity: 'minute', group_by: ['session_id', name], aggregations: [{ type: 'count' }] }
}

function counted({ fields, data }: Table): number {
  const count = data[0]?.[fields.findIndex(field => field.name === 'count')]
  return typeof count === 'number' ? count : 0
}

async function keep(names: readonly string[], accepts: (name: string) => Promise<boolean>, report: SourceReport): Promise<string[]> {
  const kept: string[] = []
  for (const name of names) {
    if (await accepts(name)) kept.push(name)
    else warn(report, `giosg does not know the dimension "${name}" here; it stays empty.`)
  }
  return kept
}

function warn(report: SourceReport, message: string): void {
  if (!report.warnings.includes(message)) report.warnings.push(message)
}

/** The watermark moves with the last batch of a window. */
function* batches(sessions: Batch['sessions'], before: Watermark, after: Watermark, report: SourceReport): Generator<Batch<GiosgState>> {
  report.rows += sessions.length
  for (let at = 0; at + BATCH_SESSIONS < sessions.length; at += BATCH_SESSIONS) {
    yield { sessions: sessions.slice(at, at + BATCH_SESSIONS), state: before }
  }
  const rest = sessions.length % BATCH_SESSIONS || Math.min(sessions.length, BATCH_SESSIONS)
  yield { sessions: sessions.slice(sessions.length - rest), state: after }
}

function explain(status: number): { message: string } | undefined {
  if (status === 401) return { message: 'giosg does not accept the token; check "api_key"' }
  if (status === 403) return { message: 'the token may not read reports of this organization; check "organization_id" and what the user of "api_key" may do' }
  if (status === 404) return { message: 'there is no such organization; check "organization_id" and "base_url"' }
  return undefined
}

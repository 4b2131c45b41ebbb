/** publica.la consumption sessions: who read what, for how long, and by which right. */
import { DeadLetters } from '../dead-letters.js'
import { SourceError } from '../errors.js'
import { Budgets, readBudget } from '../http/budgets.js'
import { CHECK_REQUEST, checkResult, type Patience } from '../http/check.js'
import { systemClock } from '../http/clock.js'
import type { StatusMeaning } from '../http/errors.js'
import { requestJson } from '../http/request.js'
import { readSettings, type Settings } from '../settings.js'
import { newReport, type Batch, type ReadOptions, type Session, type Source, type SourceReport } from '../source.js'
import { readPage, type AskPage, type Page } from './page.js'
import { mapPublicaConsumptionRow, PUBLICA_CONSUMPTION_COLUMNS, uuidDriftSecs } from './row.js'
import { legsOf, readConsumptionState, stateAfter, type PublicaConsumptionState } from './state.js'
import { walk } from './walk.js'

export { mapPublicaConsumptionRow, PUBLICA_CONSUMPTION_COLUMNS, publicaConsumptionRows } from './row.js'
export type { PublicaConsumptionState } from './state.js'

const PATH = '/integration-api/v1/consumption/sessions'
const DAY_MS = 86_400_000
const DATES = { first: 0, last: Date.UTC(9999, 11, 31) }

type AskOptions = Pick<ReadOptions, 'signal' | 'clock' | 'fetch' | 'report'> & Patience

export function createPublicaConsumption(
  name: string, config: Readonly<Record<string, unknown>>, budgets = new Budgets()
): Source<PublicaConsumptionState> {
  const settings = readSettings(name, config)
  const account = settings.baseUrl()
  const url = account + PATH
  const token = settings.string('api_token')
  const lookbackMs = settings.duration('lookback', 'PT24H')
  const filters = readFilters(settings.section('filters'))
  // one request at a time: a page tells where the next one begins
  const limiter = budgets.of('publica-consumption', account, readBudget(settings, { concurrency: 1 }))
  settings.done()

  function asker(options: AskOptions, params: Readonly<Record<string, string>>): AskPage {
    return async (cursor, narrowing) => {
      const query = new URLSearchParams({ ...narrowing, ...filters, ...params, ...cursor === null ? {} : { cursor } })
      const { body } = await requestJson({
        source: name,
        url: query.size === 0 ? url : `${url}?${query}`,
        headers: { 'X-User-Token': token, 'content-type': 'application/json' },
        credentialKeys: '"api_token"',
        explain,
        limiter,
        ...options
      })
      return readPage(body) ?? unexpected(name)
    }
  }

  return {
    name,
    type: 'publica-consumption',
    account,
    scope: new URLSearchParams(filters).toString(),
    watermark: state => readConsumptionState(name, state).watermark,
    describe: () => PUBLICA_CONSUMPTION_COLUMNS,

    async check(options = {}) {
      return checkResult(async () => {
        const page = await asker({ ...options, ...CHECK_REQUEST }, {})(null)
        return `The consumption sessions can be read${page.rows.length === 0 ? ', but there are none' : ''}.`
      })
    },

    async *read(options = {}) {
      const { interval, clock = systemClock } = options
      const report = options.report ?? newReport()
      const ask = asker({ signal: options.signal, clock, fetch: options.fetch, report }, interval ? datesOf(interval) : {})
      const saved = readConsumptionState(name, options.state)
      const legs = legsOf(saved, lookbackMs)
      const rows = new Rows(name, new DeadLetters(name, report, options), report, interval)
      let state = saved
      let pages = 0
      for (const [index, leg] of legs.entries()) {
        const floor = Math.max(leg.floor, interval ? Math.floor(interval.start / 1000) : -Infinity)
        for await (const step of walk(ask, { source: name, from: leg.from, floor, report })) {
          const sessions = rows.map(step.rows, floor)
          const top = newestOf(saved, rows.newest, clock.now())
          // a part of the time says nothing about the rest: the state stays
          if (!interval) state = stateAfter(state, top, step.next, legs[index + 1])
          report.position = `page ${++pages}${step.next ? `, back to ${new Date(step.next.reached * 1000).toISOString().slice(0, 16).replace('T', ' ')}` : ''}`
          report.progress = progressOf(rows.newest, step.next?.reached, floor)
          yield { sessions, state } satisfies Batch<PublicaConsumptionState>
        }
      }
      rows.finish()
      report.progress = 1
    }
  }
}

/** Rows to sessions, with what is odd about them put into the report. */
class Rows {
  /** Latest start so far, epoch ms. */
  newest: number | null = null
  readonly #source: string
  readonly #letters: DeadLetters
  readonly #report: SourceReport
  readonly #interval: ReadOptions['interval']
  #drifting = 0
  #warning = -1

  constructor(source: string, letters: DeadLetters, report: SourceReport, interval: ReadOptions['interval']) {
    this.#source = source
    this.#letters = letters
    this.#report = report
    this.#interval = interval
  }

  /** Those from `floor` (Unix second) on: a page goes beyond it. */
  map(rows: readonly unknown[], floor: number): Session[] {
    const sessions: Session[] = []
    for (const row of rows) {
      const session = this.#letters.attempt(row, () => mapPublicaConsumptionRow(row, this.#source))
      if (!session) continue
      const start = Number(session.started_at)
      this.newest = Math.max(this.newest ?? start, start)
      this.#checkDrift(session)
      if (start < floor * 1000) continue
      if (!this.#interval || start >= this.#interval.start && start < this.#interval.end) sessions.push(session)
    }
    this.#report.rows += sessions.length
    this.#letters.checkEarly()
    return sessions
  }

  finish(): void {
    this.#letters.finish()
  }

  #checkDrift(session: Session): void {
    const drift = uuidDriftSecs(session)
    if (drift === null || drift === 0) return
    this.#drifting++
    if (this.#warning < 0) this.#warning = this.#report.warnings.push('') - 1
    this.#report.warnings[this.#warning] = `In ${this.#drifting} rows "started_at" is not the time in the uuid `
      + `(the last, ${JSON.stringify(session.session_id)}, by ${drift} s); "started_at" was taken as UTC.`
  }
}

/** How much of the time is walked; null on a first walk, of which nobody knows how far back it leads. */
function progressOf(newest: number | null, reached: number | undefined, floor: number): number | null {
  if (newest === null || reached === undefined || floor === -Infinity) return null
  const top = newest / 1000
  return top <= floor ? null : Math.min(1, Math.max(0, (top - reached) / (top - floor)))
}

/** A start in the future must not become a watermark that hides everything before it. */
function newestOf({ walk: unfinished, watermark }: PublicaConsumptionState, newest: number | null, now: number): number | null {
  const known = [unfinished?.top, watermark, newest].filter(time => time !== null && time !== undefined)
  return known.length === 0 ? null : Math.min(now, Math.max(...known))
}

function readFilters(section: Settings): Record<string, string> {
  const filters: Record<string, string> = {}
  for (const key of ['issue_id', 'user_id']) {
    const value = section.optionalId(key)
    if (value !== undefined) filters[key] = value
  }
  for (const key of ['reason_type', 'reason_value']) {
    const value = section.optionalString(key)
    if (value !== undefined) filters[key] = value
  }
  if ('reason_value' in filters && !('reason_type' in filters)) section.fail('reason_value', 'needs "reason_type" beside it')
  section.done()
  return filters
}

/** Days around the interval: one more on either side, since neither the zone of the dates nor whether to_date is inclusive is documented. */
function datesOf(interval: { readonly start: number; readonly end: number }): { from_date: string; to_date: string } {
  return { from_date: dateOf(interval.start - DAY_MS), to_date: dateOf(interval.end - 1 + 2 * DAY_MS) }
}

function dateOf(ms: number): string {
  return new Date(Math.min(Math.max(ms, DATES.first), DATES.last)).toISOString().slice(0, 10)
}

function explain(status: number): StatusMeaning | undefined {
  if (status === 401) return { message: 'the token is not accepted; check "api_token"' }
  if (status === 403) return { message: 'the integration API is not enabled for this tenant; have publica.la enable it' }
  return undefined
}

function unexpected(source: string): Page {
  throw new SourceError('source_protocol', source, `GET ${PATH}: the answer has no array "data"; check "base_url".`)
}

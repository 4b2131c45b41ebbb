/**
 * publica.la reader sessions. Asking for one opens it, so every issue is asked for once per sync, nothing is polled,
 * and a request is never sent again once the system may have acted on it.
 */
import { DeadLetters } from '../dead-letters.js'
import { SourceError } from '../errors.js'
import { Budgets, readBudget } from '../http/budgets.js'
import { CHECK_REQUEST } from '../http/check.js'
import { systemClock } from '../http/clock.js'
import type { StatusMeaning } from '../http/errors.js'
import { requestJson, type JsonRequest } from '../http/request.js'
import { isRecord } from '../record/fields.js'
import { readSettings } from '../settings.js'
import { newReport, type Batch, type Gap, type ReadOptions, type Source, type SourceReport } from '../source.js'
import { mapPublicaReaderRow, PUBLICA_READER_COLUMNS, READER_KEYS } from './row.js'
import { NOTHING_OPENED, readReaderState, type PublicaReaderState } from './state.js'

export { mapPublicaReaderRecord, mapPublicaReaderRow, PUBLICA_READER_COLUMNS, publicaReaderRows, type ReaderContext } from './row.js'
export type { PublicaReaderState } from './state.js'

/** Faults of a check that opening a session would meet too. */
const STOPPING: ReadonlySet<string> = new Set(['source_unreachable', 'source_failed', 'invalid_config'])

type AskOptions = Pick<ReadOptions, 'signal' | 'clock' | 'fetch' | 'report'>

export function createPublicaReader(name: string, config: Readonly<Record<string, unknown>>, budgets = new Budgets()): Source<PublicaReaderState> {
  const settings = readSettings(name, config)
  const baseUrl = settings.baseUrl()
  const tenantId = settings.id('tenant_id')
  const readerToken = settings.optionalString('reader_token')
  const issueIds = settings.strings('issue_ids')
  const preview = settings.boolean('preview', false)
  const headers = {
    Authorization: `Bearer ${settings.string('access_token')}`,
    'X-Farfalla-Tenant-Id': tenantId,
    ...readerToken === undefined ? {} : { 'reader-token': readerToken }
  }
  if (issueIds.length === 0) settings.fail('issue_ids', 'is missing; list the issues to open')
  for (const id of issueIds) if (!/^\d+$/.test(id)) settings.fail('issue_ids', 'must hold integers only')
  const account = `${baseUrl}, tenant ${tenantId}`
  const limiter = budgets.of('publica-reader', account, readBudget(settings, { concurrency: 1 }))
  settings.done()

  function request(issueId: string, options: AskOptions): JsonRequest {
    return {
      source: name,
      url: `${baseUrl}/api/v2/reader/${issueId}/sessions${preview ? '?preview=true' : ''}`,
      headers,
      credentialKeys: '"access_token"',
      explain: (status, message) => explain(status, message, issueId),
      limiter,
      ...options
    }
  }

  function left({ opened, pending }: PublicaReaderState): readonly string[] {
    const done = new Set(pending === null ? opened : [...opened, pending.issue])
    return issueIds.filter(id => !done.has(id))
  }

  return {
    name,
    type: 'publica-reader',
    account,
    creates: state => left(readReaderState(name, state)).length,
    describe: () => PUBLICA_READER_COLUMNS,

    async check(options = {}) {
      try {
        // GET is not what opens sessions; any answer but 401 shows that the host is there
        await requestJson({ ...request(issueIds[0] ?? '', options), ...CHECK_REQUEST })
      } catch (error) {
        if (!(error instanceof SourceError)) throw error
        const stops = STOPPING.has(error.code) || error.message.includes(' answered 401')
        if (stops) return { ok: false, message: error.message }
      }
      return { ok: true, message: 'The host answers. Whether the credentials may read can be tried only by opening a session, which a check does not do.' }
    },

    async *read(options = {}) {
      const { interval, clock = systemClock } = options
      const report = options.report ?? newReport()
      const letters = new DeadLetters(name, report, { onDeadLetter: options.onDeadLetter, shown: withoutSecrets })
      if (interval && (clock.now() < interval.start || clock.now() >= interval.end)) {
        report.warnings.push('No session was opened: it would start now, which is outside of the interval asked for.')
        return
      }
      const saved = readReaderState(name, options.state)
      const issues = left(saved)
      const opened = [...saved.opened]
      const state = (pending: PublicaReaderState['pending']): PublicaReaderState => ({ version: 2, opened: [...opened], pending })
      if (saved.pending) {
        report.suspectedGaps.push(lostAnswer(saved.pending, clock.now()))
        opened.push(saved.pending.issue)
        if (issues.length === 0) yield { sessions: [], state: NOTHING_OPENED }
      }
      for (const [index, issueId] of issues.entries()) {
        report.position = `issue ${issueId}`
        const pending = { issue: issueId, asked: clock.now() }
        // durable before the request goes out: whoever goes on after a crash knows that this issue may be open already
        yield { sessions: [], state: state(pending) }
        let body: unknown
        try {
          const post = request(issueId, { signal: options.signal, clock, fetch: options.fetch, report })
          body = (await requestJson({ ...post, method: 'POST', idempotent: false })).body
        } catch (error) {
          if (error instanceof SourceError && !error.mayHaveActed) yield { sessions: [], state: state(null) }
          else report.suspectedGaps.push(lostAnswer(pending, clock.now()))
          throw error
        }
        noteKeys(body, report)
        const session = letters.attempt(body, () => mapPublicaReaderRow(body, name, { issueId, tenantId, preview, answeredAt: clock.now() }))
        if (session) report.rows++
        opened.push(issueId)
        report.progress = (index + 1) / issues.length
        const isLast = index === issues.length - 1
        yield { sessions: session ? [session] : [], state: isLast ? NOTHING_OPENED : state(null) } satisfies Batch<PublicaReaderState>
      }
      letters.finish()
    }
  }
}

/** The session of a request whose answer never came. */
function lostAnswer({ issue, asked }: NonNullable<PublicaReaderState['pending']>, now: number): Gap {
  return { from: asked, to: now, reason: `issue ${issue} was asked for and may have been opened, but the answer did not come; it was not asked for again` }
}

/** Nothing of an answer is safe to show but the names of its keys. */
function withoutSecrets(answer: unknown): unknown {
  return isRecord(answer) ? { keys: Object.keys(answer) } : { type: typeof answer }
}

function noteKeys(answer: unknown, report: SourceReport): void {
  if (!isRecord(answer)) return
  const missing = READER_KEYS.filter(key => !Object.hasOwn(answer, key))
  const unknown = Object.keys(answer).filter(key => !READER_KEYS.some(known => known === key))
  if (missing.length > 0) warnOnce(report, `Answers lack ${missing.join(', ')}, which the documents promise.`)
  if (unknown.length > 0) warnOnce(report, `Answers have ${unknown.join(', ')}, which the documents do not name; not kept, since they may be secret.`)
}

function warnOnce(report: SourceReport, warning: string): void {
  if (!report.warnings.includes(warning)) report.warnings.push(warning)
}

function explain(status: number, message: string, issueId: string): StatusMeaning | undefined {
  if (status === 401) return { message: 'the token is not accepted; check "access_token"' }
  if (status === 403 && /reader.?token/i.test(message)) return { message: 'the reader token is not valid; check "reader_token"' }
  if (status === 403) return { message: `there is no access to issue ${issueId}; give it to this account, or take the issue out of "issue_ids"` }
  if (status === 404) return { message: `there is no issue ${issueId}; take it out of "issue_ids", or check "tenant_id"` }
  if (status === 412) return { code: 'invalid_config', message: 'the tenant is missing or unknown; check "tenant_id"' }
  return undefined
}

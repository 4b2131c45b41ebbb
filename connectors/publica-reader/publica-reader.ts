/**
 * publica.la reader sessions. Asking for one opens it, so every issue is asked for once per sync, nothing is polled,
 * and a request is never sent again once the system may have acted on it.
 */
import { DeadLetters } from '../dead-letters.js'
import { SourceError } from '../errors.js'
import { CHECK_REQUEST } from '../http/check.js'
import { systemClock } from '../http/clock.js'
import type { StatusMeaning } from '../http/errors.js'
import { createLimiter } from '../http/limiter.js'
import { requestJson, type JsonRequest } from '../http/request.js'
import { isRecord } from '../record/fields.js'
import { readSettings } from '../settings.js'
import { newReport, type Batch, type ReadOptions, type Source, type SourceReport } from '../source.js'
import { mapPublicaReaderRow, PUBLICA_READER_COLUMNS, READER_KEYS } from './row.js'

export { mapPublicaReaderRecord, mapPublicaReaderRow, PUBLICA_READER_COLUMNS, publicaReaderRows, type ReaderContext } from './row.js'

export interface PublicaReaderState {
  readonly version: 1
  /** Issues that an unfinished sync has opened; they are not opened again when it goes on. */
  readonly opened: readonly string[]
}

/** Faults of a check that opening a session would meet too. */
const STOPPING: ReadonlySet<string> = new Set(['source_unreachable', 'source_failed', 'invalid_config'])

type AskOptions = Pick<ReadOptions, 'signal' | 'clock' | 'fetch' | 'report'>

export function createPublicaReader(name: string, config: Readonly<Record<string, unknown>>): Source<PublicaReaderState> {
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
  settings.done()
  const limiter = createLimiter()

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

  return {
    name,
    type: 'publica-reader',
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
      const opened = [...readState(name, options.state)]
      const left = issueIds.filter(id => !opened.includes(id))
      for (const [index, issueId] of left.entries()) {
        report.position = `issue ${issueId}`
        const post = request(issueId, { signal: options.signal, clock, fetch: options.fetch, report })
        const { body } = await requestJson({ ...post, method: 'POST', idempotent: false })
        noteKeys(body, report)
        const session = letters.attempt(body, () => mapPublicaReaderRow(body, name, { issueId, tenantId, preview, answeredAt: clock.now() }))
        if (session) report.rows++
        opened.push(issueId)
        const last = index === left.length - 1
        report.progress = (index + 1) / left.length
        yield { sessions: session ? [session] : [], state: { version: 1, opened: last ? [] : [...opened] } } satisfies Batch<PublicaReaderState>
      }
      letters.finish()
    }
  }
}

function readState(source: string, state: unknown): readonly string[] {
  if (state === undefined || state === null) return []
  if (isRecord(state) && state['version'] === 1 && Array.isArray(state['opened'])) return state['opened'].map(String)
  throw new SourceError('invalid_config', source, 'the stored state has a form that this version does not know; remove it to begin anew.')
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

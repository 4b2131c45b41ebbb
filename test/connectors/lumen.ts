/** Lumen (a made-up system): visits of a web site, `GET /v1/visits?since=…&page=…`, oldest first, 20 a page. */
import {
  Budgets, checkResult, CHECK_REQUEST, DeadLetters, mapColumns, newReport, readBudget, readSettings, readWatermark, requestJson, SourceError, systemClock,
  watermarkAfter, type MappedColumn, type Patience, type ReadOptions, type Source, type Watermark
} from '../../connectors/index.js'

const COLUMNS: readonly MappedColumn[] = [
  { name: 'session_id', type: 'string', from: 'id', description: 'The id of the visit.' },
  { name: 'started_at', type: 'number', from: 'begin', description: 'Start of the visit, UTC.' },
  { name: 'visitor_id', type: 'string', from: 'visitor.key', description: 'The visitor, over all visits.' },
  { name: 'country', type: 'string', from: 'visitor.country', description: 'Country of the address.' },
  { name: 'session_duration_secs', type: 'number', from: 'seconds', description: 'Length of the visit.' },
  { name: 'distinct_visited_urls', type: 'strings', from: 'pages', description: 'Pages visited.' }
]

export function createLumen(name: string, config: Readonly<Record<string, unknown>>, budgets = new Budgets()): Source<Watermark> {
  const settings = readSettings(name, config)
  const base = settings.baseUrl('https://api.lumen.example')
  const headers = { 'x-api-key': settings.string('api_key') }
  const lookbackMs = settings.duration('lookback', 'PT1H')
  const limiter = budgets.of('lumen', base, readBudget(settings, { concurrency: 1 }))
  settings.done()

  async function ask(since: number, page: number, options: Pick<ReadOptions, 'signal' | 'clock' | 'fetch' | 'report'> & Patience) {
    const query = new URLSearchParams({ since: new Date(since).toISOString(), page: String(page) })
    const { body } = await requestJson({ source: name, url: `${base}/v1/visits?${query}`, headers, credentialKeys: '"api_key"', limiter, ...options })
    const { visits, more } = (body ?? {}) as { visits?: unknown; more?: unknown }
    if (!Array.isArray(visits)) throw new SourceError('source_protocol', name, 'the answer has no list "visits"; check "base_url".')
    return { visits: visits as unknown[], more: more === true }
  }

  return {
    name,
    type: 'lumen',
    account: base,
    describe: () => COLUMNS,
    watermark: state => readWatermark(name, state),

    check: (options = {}) => checkResult(async () => {
      await ask((options.clock ?? systemClock).now(), 1, { ...options, ...CHECK_REQUEST })
      return 'Lumen accepts the key.'
    }),

    async* read(options = {}) {
      const { interval, clock = systemClock, report = newReport(), signal, fetch } = options
      const stored = readWatermark(name, options.state)
      const letters = new DeadLetters(name, report, options)
      const begun = clock.now()
      const since = interval?.start ?? (stored === null ? 0 : stored - lookbackMs)
      let reached = since
      for (let page = 1, more = since < begun; more; page++) {
        report.position = `page ${page}`
        const answer = await ask(since, page, { clock, report, signal, fetch })
        const sessions = answer.visits.flatMap(visit => letters.attempt(visit, () => mapColumns(COLUMNS, visit, name)) ?? [])
        report.rows += sessions.length
        letters.checkEarly()
        more = answer.more
        // oldest first: what is left started no earlier than the newest so far
        reached = Math.max(reached, ...sessions.map(session => Number(session.started_at)))
        yield { sessions, state: watermarkAfter(options, stored, more ? Math.min(reached, begun) : begun, 0) }
      }
      letters.finish()
    }
  }
}

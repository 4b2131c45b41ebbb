/** The made-up system of the worked example. */
import type { Session } from '../../connectors/source.js'
import { seeded } from '../sandbox/random.js'
import { startServer, type SandboxAnswer, type SandboxOptions, type SandboxRequest, type SandboxServer } from '../sandbox/server.js'

interface Visit {
  readonly id: string
  readonly begin: string
  readonly seconds: number
  readonly visitor: { readonly key: string; readonly country: string | null }
  readonly pages: readonly string[]
  readonly screenSize: string
}

const PAGE = 20
const DAY = 86_400_000

export async function startLumen(options: SandboxOptions & { readonly sessions: number; readonly key: string }): Promise<SandboxServer & {
  readonly config: Record<string, unknown>
  truth(source: string): Session[]
}> {
  const random = seeded(4)
  const now = options.now ?? Date.now
  const visits = Array.from({ length: options.sessions }, (_, i): Visit => ({
    id: `v${i}`, begin: new Date(now() - random.int(1_000, DAY)).toISOString(), seconds: random.int(0, 900),
    visitor: { key: `k${random.int(1, 9)}`, country: random.pick(['Finland', null]) }, pages: ['/', `/p/${random.int(1, 3)}`], screenSize: 'L'
  })).sort((a, b) => a.begin < b.begin ? -1 : 1)

  function handle(request: SandboxRequest): SandboxAnswer {
    if (request.headers['x-api-key'] !== options.key) return { status: 401, json: { message: 'no' } }
    const since = request.query.get('since') ?? ''
    const from = (Number(request.query.get('page')) - 1) * PAGE
    const rest = visits.filter(visit => visit.begin >= since).slice(from)
    return { json: { visits: rest.slice(0, PAGE), more: rest.length > PAGE } }
  }

  const server = await startServer(handle, options)
  return {
    ...server,
    config: { type: 'lumen', base_url: server.url, api_key: options.key },
    truth: source => visits.map(({ id, begin, seconds, visitor, pages, screenSize }) => ({
      source, session_id: id, started_at: Date.parse(begin), session_duration_secs: seconds, visitor_id: visitor.key, country: visitor.country,
      distinct_visited_urls: pages, screen_size: screenSize
    }))
  }
}

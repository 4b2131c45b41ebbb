/** publica.la's reader sessions: every POST opens one. */
import { createHash } from 'node:crypto'
import type { Session } from '../../engine/session.js'
import { seeded, type Random } from './random.js'
import { startServer, type SandboxAnswer, type SandboxOptions, type SandboxRequest, type SandboxServer } from './server.js'

export interface ReaderOptions extends SandboxOptions {
  readonly seed?: number
  readonly issues?: number
  /** Indices of issues that the account may not open. */
  readonly forbidden?: readonly number[]
  /** Required in the header `reader-token` where given. */
  readonly readerToken?: string
  readonly accessToken?: string
  /** In every token and address that the answers hold. */
  readonly secret?: string
}

export interface Reader extends SandboxServer {
  readonly config: Record<string, unknown>
  /** What the sessions opened so far must look like; all of them at `answeredAt` (epoch ms). */
  truth(source: string, answeredAt: number): Session[]
}

type Format = 'epub' | 'pdf' | 'audiobook'

interface Issue {
  readonly id: string
  readonly format: Format
  readonly pages: number
  readonly words: number
  readonly durations: readonly number[]
  readonly chapters: number
  readonly articles: number | null
}

interface Opened {
  readonly issue: Issue
  readonly token: string
  readonly preview: boolean
}

const TENANT = '4711'
const FORMATS: readonly Format[] = ['epub', 'pdf', 'audiobook']

export async function startReader(options: ReaderOptions = {}): Promise<Reader> {
  const random = seeded(options.seed ?? 1)
  const secret = options.secret ?? 'signed'
  const accessToken = options.accessToken ?? 'reader-access-71ab'
  const issues = Array.from({ length: options.issues ?? 12 }, (_, index) => issueOf(index, random))
  const opened: Opened[] = []

  function handle(request: SandboxRequest): SandboxAnswer {
    if (request.headers['authorization'] !== `Bearer ${accessToken}`) return { status: 401, json: { message: 'Unauthenticated.' } }
    const id = /^\/api\/v2\/reader\/(\d+)\/sessions$/.exec(request.path)?.[1]
    if (id === undefined) return { status: 404, json: { message: 'Not Found' } }
    if (request.method !== 'POST') return { status: 405, json: { message: 'Method Not Allowed' } }
    if (request.headers['x-farfalla-tenant-id'] !== TENANT) return { status: 412, json: { message: 'Tenant not resolved' } }
    if (options.readerToken !== undefined && request.headers['reader-token'] !== options.readerToken) {
      return { status: 403, json: { message: 'Invalid reader-token' } }
    }
    const issue = issues.find(candidate => candidate.id === id)
    if (!issue) return { status: 404, json: { message: 'Issue not found' } }
    if (options.forbidden?.includes(issues.indexOf(issue))) return { status: 403, json: { message: 'You do not have access to this content' } }
    const session = { issue, token: `${secret}-${random.hex(24)}`, preview: request.query.get('preview') === 'true' }
    opened.push(session)
    return { json: answerOf(session, secret) }
  }

  const server = await startServer(handle, options)
  return {
    ...server,
    config: {
      type: 'publica-reader', base_url: server.url, access_token: accessToken, tenant_id: TENANT,
      issue_ids: issues.filter((_, index) => !options.forbidden?.includes(index)).map(issue => issue.id),
      ...options.readerToken === undefined ? {} : { reader_token: options.readerToken }
    },
    truth: (source, answeredAt) => opened.map(session => sessionOf(session, source, answeredAt))
  }
}

function issueOf(index: number, random: Random): Issue {
  return {
    id: `${2 ** 31 + 1_000 + index}`,
    format: FORMATS[index % FORMATS.length] ?? 'epub',
    pages: random.int(1, 40),
    words: random.int(1_000, 90_000),
    durations: Array.from({ length: random.int(1, 9) }, () => random.int(10, 3_000)),
    chapters: random.int(1, 12),
    articles: random.pick([null, 0, 3])
  }
}

function answerOf({ issue, token }: Opened, secret: string): Record<string, unknown> {
  const address = (name: string) => `https://cdn.example/${issue.id}/${name}?signature=${secret}`
  const { format } = issue
  const pages = Array.from({ length: issue.pages }, (_, page) => address(`p${page}.webp`))
  return {
    token,
    cover: address('cover.jpg'),
    table_of_contents: Array.from({ length: issue.chapters }, (_, chapter) => ({ title: `第${chapter}章`, children: chapter === 0 ? [{ title: 'a' }] : [] })),
    file_url: format === 'epub' ? address('book.epub') : null,
    custom_preview: null,
    spine: format === 'epub' ? Array.from({ length: issue.chapters }, (_, chapter) => ({ href: address(`${chapter}.xhtml`) })) : null,
    total_words: format === 'epub' ? issue.words : null,
    tracks: format === 'audiobook' ? issue.durations.map((duration, track) => ({ url: address(`${track}.mp3`), duration })) : null,
    files_urls: format === 'pdf' ? pages : null,
    files_info: format === 'pdf' ? pages.slice(1).map(() => ({ width: 100, height: 150 })) : null,
    articles: issue.articles === null ? null : Array.from({ length: issue.articles }, () => ({ title: 'x' }))
  }
}

function sessionOf({ issue, token, preview }: Opened, source: string, answeredAt: number): Session {
  const { format } = issue
  return {
    session_id: createHash('sha256').update(token, 'utf8').digest('hex').slice(0, 32),
    started_at: answeredAt,
    source,
    issue_id: issue.id,
    tenant_id: TENANT,
    content_format: format,
    is_preview: preview,
    total_words: format === 'epub' ? issue.words : null,
    page_count: format === 'pdf' ? issue.pages : null,
    chapter_count: format === 'epub' ? issue.chapters : null,
    track_count: format === 'audiobook' ? issue.durations.length : null,
    audio_duration_secs: format === 'audiobook' ? issue.durations.reduce((a, b) => a + b, 0) : null,
    toc_entries: issue.chapters + 1,
    article_count: issue.articles
  }
}

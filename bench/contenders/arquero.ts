/** Arquero: a column table in this process, the questions in its verbs. It knows no zones and no estimates, and its distinct counts are exact. */
import { createReadStream, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import type { Question } from '../suite.js'
import { ARQUERO_ANSWERS } from './arquero-answers.js'
import type { Arquero, ArqueroTable } from './arquero-types.js'
import type { Contender, HandOver, Rows } from './contender.js'
import { visitOf } from './objects.js'
import type { Visit } from './objects-answers.js'

const PACKAGE = 'arquero'

const COLUMNS: readonly (keyof Visit)[] = [
  'session_id', 'visitor_id', 'started_at', 'country', 'city', 'browser_name', 'device_type', 'os_name', 'ip_organization',
  'session_duration_secs', 'distinct_visited_urls_count', 'rooms'
]

export async function open(): Promise<Contender> {
  const library = await import(PACKAGE) as Arquero
  let sessions: ArqueroTable | null = null
  return {
    name: 'Arquero',
    version: version(),
    maxThreads: 1,
    async load(path: string): Promise<number> {
      const columns = new Map(COLUMNS.map(name => [name, [] as unknown[]]))
      for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
        const visit = visitOf(line)
        for (const [name, values] of columns) values.push(visit[name])
      }
      sessions = library.table(Object.fromEntries(columns))
      return sessions.numRows()
    },
    async run(question: Question): Promise<HandOver> {
      const answer = ARQUERO_ANSWERS.get(question.name)
      if (answer === undefined) throw new Error(`nobody wrote ${question.name} for Arquero`)
      if (sessions === null) throw new Error('no table is loaded')
      const rows = answer(sessions, library)
      return (): Rows => rows
    },
    async close(): Promise<void> {
      sessions = null
    }
  }
}

function version(): string {
  const require = createRequire(import.meta.url)
  return (JSON.parse(readFileSync(new URL('../package.json', `file://${require.resolve(PACKAGE)}`), 'utf8')) as { version: string }).version
}

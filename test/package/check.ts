/**
 * Checks what a user would install: packs the project, unpacks it beside its dependencies, imports it, compiles against
 * its types and runs its command. Run by `npm run package-check`.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

const USE = `import { Engine, parseQuery } from 'sessionql'
import { createSource } from 'sessionql/connectors'
import { batchesOfSessions, writeParquet, type OutputColumn } from 'sessionql/columnar'
import { createRequire } from 'node:module'
const engine = await Engine.open()
await engine.ingest([{ session_id: 'a', started_at: '2025-01-01T00:00:00Z', country: 'Finland', visitor_id: 'v' }])
const { data } = await engine.query({
  interval: { start: '2025-01-01', end: '2025-01-02' }, granularity: 'all', group_by: ['country'],
  aggregations: [{ type: 'count' }, { type: 'hyperUnique', fields: ['visitor_id'] }]
})
const [stamp, country, count, visitors]: [string, string | number | null, number, number] = data[0]
const schema = createRequire(import.meta.url)('sessionql/query.schema.json') as { title?: string }
const config = createRequire(import.meta.url)('sessionql/config.schema.json') as { title?: string }
const columns: OutputColumn[] = [{ name: 'session_id', type: 'string' }]
for await (const piece of writeParquet(columns, batchesOfSessions(columns, [{ session_id: 'a' }]))) if (piece.length === 0) throw new Error('nothing is written')
if (typeof parseQuery !== 'function' || typeof createSource !== 'function' || typeof schema !== 'object' || typeof config !== 'object') throw new Error('exports are missing')
console.log([stamp, country, count, visitors].join(' '))
`

/** Asks until a worker thread is there, which starts when queries have read some rows. */
const USE_THREADS = `import { Engine } from 'sessionql'
import { workerThreads } from 'sessionql/threads'
import { setTimeout as wait } from 'node:timers/promises'
const engine = await Engine.open({ threads: { ...workerThreads(2), sharing: { rows: 10_000, start: 100_000 } } })
await engine.ingest(Array.from({ length: 20_000 }, (_, i) => ({ session_id: String(i), started_at: i * 1000, visitor_id: String(i % 1000) })))
let workers = 0
for (let i = 0; i < 200 && workers === 0; i++) {
  await engine.query({ interval: { start: '1970-01-01', end: '1971-01-01' }, granularity: 'day', aggregations: [{ type: 'hyperUnique', fields: ['visitor_id'] }] })
  await wait(5)
  workers = process.report.getReport().workers.length
}
console.log('workers: ' + workers)
`

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', strict: true, noEmit: true, types: ['node'],
    lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'], skipLibCheck: false
  },
  files: ['use.ts']
}

function expectText(what: string, got: string, expected: string): void {
  if (!got.includes(expected)) throw new Error(`${what}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)} in it`)
  process.stdout.write(`ok: ${what}\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'sessionql-package-'))
try {
  const run = (command: string, args: readonly string[], input?: string): string =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'inherit'] })
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const tarball = readdirSync(folder).find(name => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack made no tarball')
  mkdirSync(join(folder, 'node_modules/sessionql'), { recursive: true })
  run('tar', ['-xzf', tarball, '-C', 'node_modules/sessionql', '--strip-components=1'])
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'use.ts'), USE)
  writeFileSync(join(folder, 'threads.mjs'), USE_THREADS)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc')])
  process.stdout.write('ok: types compile\n')
  expectText('library', run(process.execPath, ['--import', 'tsx', 'use.ts']), '2025-01-01T00:00:00.000Z Finland 1 1')
  expectText('threads', run(process.execPath, ['threads.mjs']), 'workers: 1')
  const query = '{"interval":{"start":"2025-01-01","end":"2025-01-02"},"granularity":"all","aggregations":[{"type":"count"}]}'
  writeFileSync(join(folder, 'visits.ndjson'), '{"session_id":"a","started_at":"2025-01-01T00:00:00Z"}\n')
  const command = join(folder, 'node_modules/sessionql/dist/cli/main.js')
  expectText('command', run(process.execPath, [command, 'query', '--source', 'visits.ndjson'], query), '["2025-01-01T00:00:00.000Z",1]')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

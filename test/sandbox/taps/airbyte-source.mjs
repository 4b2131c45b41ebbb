// A source as the Airbyte protocol describes one: `read --config FILE --catalog FILE [--state FILE]`, `check --config FILE`.
import { readFileSync, writeFileSync } from 'node:fs'

const argument = name => {
  const at = process.argv.indexOf(name)
  return at < 0 ? null : process.argv[at + 1]
}
const read = path => path === null ? null : JSON.parse(readFileSync(path, 'utf8'))
const config = read(argument('--config'))
const state = read(argument('--state'))
const catalog = read(argument('--catalog'))
const say = message => process.stdout.write(`${JSON.stringify(message)}\n`)
if (process.argv[2] === 'check') {
  say({ type: 'LOG', log: { level: 'INFO', message: `trying ${config.api_key}` } })
  process.stderr.write(`WARN ${config.api_key} is old\n`)
  if (config.silent) process.exit(7)
  if (config.hang) setInterval(() => 0, 1000)
  else if (config.error === 'system_error') say({ type: 'TRACE', trace: { type: 'ERROR', emitted_at: 1, error: { message: `no way with ${config.api_key}` } } })
  else say({ type: 'CONNECTION_STATUS', connectionStatus: config.error ? { status: 'FAILED', message: `the key ${config.api_key} is refused` } : { status: 'SUCCEEDED' } })
  if (!config.hang) process.exit(0)
} else if (process.argv[2] !== 'read' || catalog === null) process.exit(64)
if (config.note) writeFileSync(config.note, JSON.stringify({ state }))

const record = (stream, data, namespace) => say({ type: 'RECORD', record: { stream, namespace, data, emitted_at: 1735689600000 } })
const streamState = (name, stream_state) => say({ type: 'STATE', state: { type: 'STREAM', stream: { stream_descriptor: { name }, stream_state } } })
say({ type: 'LOG', log: { level: 'INFO', message: `using ${config.api_key}` } })
say({ type: 'TRACE', trace: { type: 'STREAM_STATUS', emitted_at: 1, stream_status: { stream_descriptor: { name: 'visits' }, status: 'STARTED' } } })
record('visits', { id: { site: 'fi', number: 1 }, started_at: '2025-01-01T00:00:00Z', country: 'Finland' })
if (config.kind === 'stream') streamState('visits', { cursor: 1 })
record('visits', { id: { site: 'fi', number: 2 }, started_at: '2025-01-01T00:00:01Z' })
record('pages', { url: '/a', started_at: '2025-01-01T00:00:02Z' }, 'web')
if (config.kind === 'stream') {
  streamState('visits', { cursor: 2 })
  if (!config.less) streamState('pages', { cursor: 9 })
}
if (config.kind === 'global') {
  say({ type: 'STATE', state: { type: 'GLOBAL', global: { shared_state: { at: 7 }, stream_states: [{ stream_descriptor: { name: 'visits' }, stream_state: { cursor: 2 } }] } } })
}
if (config.kind === 'legacy') say({ type: 'STATE', state: { data: { cursor: 2 } } })
if (config.incomplete) say({ type: 'TRACE', trace: { type: 'STREAM_STATUS', emitted_at: 1, stream_status: { stream_descriptor: { name: 'pages' }, status: 'INCOMPLETE' } } })
if (config.error) {
  say({ type: 'TRACE', trace: { type: 'ERROR', emitted_at: 1, error: { message: `the key ${config.api_key} is refused`, failure_type: config.error } } })
  process.exit(1)
}

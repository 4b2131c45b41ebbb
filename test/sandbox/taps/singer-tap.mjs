// A tap as Singer's specification 0.2 describes one: users in order of id, from the bookmark of its state on.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'

const argument = name => {
  const at = process.argv.indexOf(name)
  return at < 0 ? null : process.argv[at + 1]
}
const read = path => path === null ? null : JSON.parse(readFileSync(path, 'utf8'))
const config = read(argument('--config')) ?? {}
const state = read(argument('--state')) ?? {}
const catalog = read(argument('--catalog'))
const say = message => process.stdout.write(`${JSON.stringify(message)}\n`)

if (config.note) {
  const modes = ['--config', '--state'].map(name => argument(name) && (statSync(argument(name)).mode & 0o777).toString(8))
  writeFileSync(config.note, JSON.stringify({ state, catalog, modes, files: [argument('--config'), argument('--state')], pid: process.pid }))
}
process.stderr.write(`INFO connecting with ${config.api_key}\n`)
if (config.child) spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' }).unref()
if (config.deaf) process.on('SIGTERM', () => process.stderr.write('no\n'))

const from = state.bookmarks?.visits?.id ?? 0
const to = config.to ?? 3
say({ type: 'schema', stream: 'visits', key_properties: ['site', 'id'], bookmark_properties: ['id'], schema: { type: 'object', properties: {} } })
say({ type: 'SCHEMA', stream: 'pages', key_properties: [], schema: {} })
say({ type: 'ACTIVATE_VERSION', stream: 'visits', version: 1 })
if (config.batch) say({ type: 'BATCH', stream: 'visits', manifest: ['file:///x'] })
if (config.junk) process.stdout.write(`Traceback of ${config.api_key} (most recent call last):\n{"type":"RECORD","stream":"visits"}\n[]\n`)
for (let id = from + 1; id <= to; id++) {
  say({ type: 'RECORD', stream: 'visits', record: { site: 'fi', id, begun: 1735689600 + id, big: id === 2 ? undefined : 1, user: { country: 'Finland' } }, time_extracted: '2025-01-01T00:00:00Z' })
  if (id % 100 === 0 || id === to) say({ type: 'STATE', value: { bookmarks: { visits: { id } } } })
  if (id === config.fail_after) {
    process.stderr.write(`CRITICAL 401 for https://api.example/?key=${encodeURIComponent(config.api_key)}\n`)
    process.exit(3)
  }
}
say({ type: 'RECORD', stream: 'pages', record: { begun: 1735689600, url: '/a' } })
say({ type: 'SOMETHING_NEW', x: 1 })
if (config.hang) {
  say({ type: 'STATE', value: { bookmarks: { visits: { id: to } } } })
  setInterval(() => 0, 1000)
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig, parseConfig } from '../../connectors/config.js'
import { createSource, SOURCE_TYPES } from '../../connectors/registry.js'

function fault(config: object | string, env: Record<string, string> = {}): string {
  try {
    parseConfig(config, env)
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_config' })
    return (error as Error).message
  }
  throw new Error('the config was taken')
}

const one = (source: Record<string, unknown>) => ({ sources: { web: source } })
const value = (path: string, env: Record<string, string> = {}) => parseConfig(one({ type: 'file', path }), env).sources.get('web')?.['path']
const giosg = { type: 'giosg', organization_id: 'o', api_key: '${KEY}' }

describe('variables', () => {
  test.each([
    ['${DIR}/x', { DIR: 'data' }, 'data/x'], ['a${A}b${B}c', { A: '1', B: '2' }, 'a1b2c'],
    ['${A:-none}', {}, 'none'], ['${A:-none}', { A: '' }, 'none'], ['${A:-none}', { A: 'x' }, 'x'],
    ['${A:-}', {}, ''], ['${A}', { A: '' }, ''], ['${A:?say}', { A: 'x' }, 'x'], ['$$', {}, '$'],
    ['$${A}', { A: 'x' }, '${A}'], ['5$ and $A', {}, '5$ and $A'], ['${A}', { A: '${B}$$' }, '${B}$$'],
    ['${A}', { A: '$&"\n' }, '$&"\n']
  ])('%j with %j is %j', (path, env, expected) => {
    expect(value(path, env as Record<string, string>)).toBe(expected)
  })

  test('are filled in deep inside of values, and never in keys', () => {
    const { sources } = parseConfig(one({ type: 'genesys', session_ids: ['${A}', 'b'], discover: true }), { A: 'x' })
    expect(sources.get('web')?.['session_ids']).toEqual(['x', 'b'])
    expect(parseConfig(one({ type: 'file', path: 'x', map: { '${A}': '${A}' } }), { A: 'y' }).sources.get('web')?.['map']).toEqual({ '${A}': 'y' })
  })

  test('become numbers and booleans where the key is one', () => {
    const { sources } = parseConfig({ sources: {
      video: { type: 'conviva', client_id: '1', client_secret: '${S}', limit: '${LIMIT}' },
      web: { type: 'genesys', session_ids: ['1'], discover: '${D:-false}' }
    } }, { S: '007', LIMIT: '500' })
    expect(sources.get('video')).toMatchObject({ client_secret: '007', limit: 500 })
    expect(sources.get('web')).toMatchObject({ discover: false })
  })

  test('that are not set are faults that name source, key and variable', () => {
    expect(fault(one(giosg))).toBe('source "web": "api_key" needs the environment variable KEY, which is not set: set it, or write ${KEY:-default}')
    expect(fault(one({ ...giosg, api_key: '${KEY:?ask Maija}' }), { KEY: '' })).toContain('which is not set: ask Maija')
    expect(fault(one({ type: 'genesys', session_ids: ['a', '${toString}'] }))).toContain('"session_ids[1]" needs the environment variable toString')
    expect(fault(one({ type: 'file', path: '${9}' }))).toContain('no variable')
    expect(fault(one({ type: 'file', path: 'x', map: { a: '${OPEN' } }))).toContain('"map.a"')
  })
})

describe('faults', () => {
  test.each([
    ['{"sources": {', 'not JSON'], ['[]', 'must be an object'], ['{}', 'needs "sources"'],
    ['{"sources": {}}', 'needs "sources"'], ['{"source": {}}', 'Did you mean "sources"?'],
    ['{"sources": {"": {"type": "file", "path": "x"}}}', 'without a name']
  ])('%s', (text, message) => {
    expect(fault(text)).toContain(message)
  })

  test.each([
    [{ path: 'x' }, '"type" is missing'],
    [
      { type: 'convivia' },
      '"type" is "convivia"; it must be one of publica-consumption, publica-reader, genesys, conviva, giosg, file, singer, airbyte. Did you mean "conviva"?'
    ],
    [
      { type: 'file', path: 'x', fromat: 'csv' },
      '"fromat" is not a key of the type file; its keys are path, format, map, shape, delimiter, strings, follow, max_bad_share. Did you mean "format"?'
    ],
    [{ type: 'file', path: 7 }, '"path" must be a string, got a number'],
    [{ type: 'genesys', session_ids: 'a' }, '"session_ids" must be an array, got a string'],
    [{ type: 'genesys', discover: 'yes' }, '"discover" must be true or false, got a string'],
    [{ type: 'conviva', limit: '5' }, '"limit" must be a number, got a string'],
    [{ type: 'file', path: 'x', map: [] }, '"map" must be an object, got an array'], [{ type: 'constructor' }, '"type" is "constructor"']
  ])('%j', (source, message) => {
    expect(fault(one(source))).toContain(`source "web": ${message}`)
  })

  test('of JSON name the line and quote nothing of the text', () => {
    expect(fault('{"sources": {\n"web": {"api_key": "CANARY" "x": 1}}}')).toMatch(/line 2$/)
    for (const text of ['{"api_key": "CANARY-1', '{"api_key": CANARY}', '{"api_key": "CANARY",}', 'CANARY']) expect(fault(text)).not.toContain('CANARY')
  })

  test('of a file that is not there', async () => {
    await expect(loadConfig(join(tmpdir(), 'no-such-config.json'))).rejects.toMatchObject({
      code: 'file_not_found', message: expect.stringContaining('no-such-config.json')
    })
  })
})

describe('secrets', () => {
  test('in the file itself are accepted with a warning that does not show them', () => {
    const { sources, warnings } = parseConfig(one({ ...giosg, api_key: 'CANARY$$' }))
    expect(sources.get('web')?.['api_key']).toBe('CANARY$')
    expect(warnings).toEqual(['source "web": "api_key" stands in the config file itself; put it into the environment and write "${WEB_API_KEY}".'])
  })

  test('in the settings of a tap are known by their names', () => {
    const config = { api_key: 'CANARY', auth: { client_secret: 'CANARY', user: 'me' }, start_date: '2025-01-01', token: '${KEY}', api_keys: ['x'] }
    expect(parseConfig(one({ type: 'singer', command: ['tap-x'], config }), { KEY: 'x' }).warnings).toEqual(['api_key', 'auth.client_secret'].map(path =>
      `source "web": "config.${path}" stands in the config file itself; put it into the environment and write "\${WEB_CONFIG_${path.toUpperCase().replace('.', '_')}}".`))
  })

  test('from the environment give no warning', () => {
    expect(parseConfig(one(giosg), { KEY: 'x' }).warnings).toEqual([])
  })

  test('never appear in a fault', () => {
    const faults = [{ api_key: ['CANARY'] }, { api_keys: 'CANARY' }, { api_key: 'CANARY${NONE}' }, { lookback: { a: 'CANARY' } }]
    for (const change of faults) {
      expect(fault(one({ ...giosg, ...change }), { KEY: 'CANARY' })).not.toContain('CANARY')
    }
  })
})

test('a file gives all of its sources in order, and each type makes its source', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionql-config-'))
  const path = join(folder, 'config.json')
  writeFileSync(path, `\uFEFF${JSON.stringify({ sources: {
    z: { type: 'publica-consumption', base_url: 'https://shop.example', api_token: '${T}' },
    reader: { type: 'publica-reader', base_url: 'https://shop.example', access_token: '${T}', tenant_id: 7, issue_ids: [1, '2'] },
    gwe: { type: 'genesys', base_url: 'https://gwe.example', session_ids: ['a'], max_age: 'PT48H' },
    video: { type: 'conviva', client_id: 'c', client_secret: '${T}', filters: { isp: 'Elisa' } },
    web: { type: 'giosg', organization_id: 'o', api_key: '${T}' },
    __proto__x: { type: 'file', path: 'x.ndjson' },
    crm: { type: 'singer', command: ['tap-crm'], config: { key: '${T}' } },
    shop: { type: 'airbyte', command: ['source-shop'], config: { key: '${T}' }, catalog: 'catalog.json' }
  } })}`)
  const { sources, warnings } = await loadConfig(path, { T: 'secret' })
  rmSync(folder, { recursive: true })
  expect(warnings).toEqual([])
  const made = [...sources].map(([name, config]) => createSource(name, config))
  expect(made.map(source => source.name)).toEqual(['z', 'reader', 'gwe', 'video', 'web', '__proto__x', 'crm', 'shop'])
  expect(made.map(source => source.type)).toEqual(SOURCE_TYPES)
  for (const source of made) expect(JSON.stringify(source)).not.toContain('secret')
})

test('an unknown type makes no source', () => {
  expect(() => createSource('web', { type: 'genesis' })).toThrow('Did you mean "genesys"?')
})

import { Ajv } from 'ajv'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CONFIG_SCHEMA } from '../../connectors/config-schema.js'
import { parseConfig } from '../../connectors/config.js'
import { createSource, SOURCE_TYPES, sourceType } from '../../connectors/registry.js'

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const accepts = new Ajv({ strictTypes: true, allowUnionTypes: true }).compile(read('connectors/config.schema.json') as object)

interface TypeSchema {
  readonly properties: Readonly<Record<string, { readonly const?: string, readonly description: string }>>
  readonly required: readonly string[]
}
const TYPES = (CONFIG_SCHEMA as unknown as { properties: { sources: { additionalProperties: { oneOf: TypeSchema[] } } } }).properties.sources.additionalProperties.oneOf

const SOURCES: Readonly<Record<string, Record<string, unknown>>> = {
  'publica-consumption': { base_url: 'https://shop.example', api_token: '${T}', lookback: 'PT1H', filters: { issue_id: 1 } },
  'publica-reader': { base_url: 'https://shop.example', access_token: '${T}', tenant_id: 7, issue_ids: [1, '2'], preview: '${P}' },
  genesys: { base_url: 'https://gwe.example', session_ids: ['a'], discover: true },
  conviva: { client_id: 'c', client_secret: '${T}', limit: 50 },
  giosg: { organization_id: 'o', api_key: '${T}' },
  file: { path: 'x.ndjson', format: 'ndjson', map: { a: 'b' }, follow: true },
  singer: { command: ['tap-x'], config: { key: '${T}' }, streams: ['a'] },
  airbyte: { command: ['source-x'], config: {}, catalog: 'c.json' }
}

describe('config.schema.json', () => {
  it('is made of the keys that sources are read by', () => {
    expect(read('connectors/config.schema.json')).toEqual(JSON.parse(JSON.stringify(CONFIG_SCHEMA)))
    expect(TYPES.map(({ properties }) => properties['type']?.const)).toEqual(SOURCE_TYPES)
    for (const { properties } of TYPES) {
      expect(Object.keys(properties)).toEqual(['type', ...Object.keys(sourceType(properties['type']!.const!)!.keys)])
      for (const { description } of Object.values(properties)) expect(description).toMatch(/^\S.{5,}\.( |$)/)
    }
  })

  it.each(SOURCE_TYPES)('takes and refuses what the config itself does: %s', type => {
    const good = { $schema: './config.schema.json', sources: { one: { type, ...SOURCES[type] } } }
    const environment = { T: 'secret', P: 'true' }
    expect(accepts(good), JSON.stringify(accepts.errors)).toBe(true)
    expect(createSource('one', parseConfig(good, environment).sources.get('one')!).type).toBe(type)
    const odd = { sources: { one: { type, ...SOURCES[type], colour: 1 } } }
    expect(accepts(odd)).toBe(false)
    expect(() => parseConfig(odd, environment)).toThrow('"colour" is not a key')
    for (const key of TYPES.find(({ properties }) => properties['type']?.const === type)!.required) {
      if (key === 'type') continue
      const lacking = { sources: { one: { type, ...SOURCES[type], [key]: undefined } } }
      expect(accepts(JSON.parse(JSON.stringify(lacking))), key).toBe(false)
      expect(() => createSource('one', parseConfig(JSON.parse(JSON.stringify(lacking)) as object, environment).sources.get('one')!), key).toThrow(`"${key}"`)
    }
  })

  it('refuses what is no config', () => {
    for (const odd of [{}, { sources: {} }, { sources: { a: {} } }, { sources: { a: { type: 'x' } } }, { source: {} }, { sources: { a: { type: 'file', path: 'x', format: 'xml' } } }]) {
      expect(accepts(odd)).toBe(false)
    }
  })
})

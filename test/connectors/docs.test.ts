import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createSource, SOURCE_TYPES } from '../../connectors/index.js'
import { sourceType } from '../../connectors/registry.js'

const DOCS = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8')

test('the worked example of the docs is the connector that passes the contract', () => {
  const [, code] = /```ts\n(\/\*\* Lumen[^]*?)```/.exec(DOCS) ?? []
  const file = readFileSync(new URL('lumen.ts', import.meta.url), 'utf8')
  expect(code).toBe(file.replace('../../connectors/index.js', 'sessionql/connectors'))
})

test('every key of every type stands in the docs', () => {
  for (const type of SOURCE_TYPES) for (const key of Object.keys(sourceType(type)!.keys)) expect(DOCS, `${type}: ${key}`).toContain(`\`${key}\``)
})

test('the config of the docs makes a source of each entry', () => {
  const [, json] = /```json\n([^]*?)```/.exec(DOCS) ?? []
  const { sources } = JSON.parse(json ?? '') as { sources: Record<string, Record<string, unknown>> }
  for (const [name, config] of Object.entries(sources)) expect(createSource(name, config).name).toBe(name)
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES, QUERY_ISSUE_CODES } from '../../dsl/errors.js'
import type { QueryInput } from '../../dsl/input.js'
import { parseQuery } from '../../dsl/parse.js'
import type { Session } from '../../engine/session.js'
import { Engine } from '../../index.js'
import { engineWith } from '../support/engine.js'
import { queryWith } from './helpers.js'

const read = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8')

/** The sessions that the examples are about. */
function sessionsOf(text: string): Session[] {
  return text.match(/```ndjson\n(.*?)```/s)![1]!.trim().split('\n').map(line => JSON.parse(line) as Session)
}

describe('docs/errors.md', () => {
  test('has every code with its meaning, and no other', () => {
    const rows = [...read('errors').matchAll(/^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$/gm)].map(match => [match[1], match[2]])
    expect(rows).toEqual([...Object.entries(ERROR_CODES), ...Object.entries(QUERY_ISSUE_CODES)])
  })
})

describe('docs/dsl.md', () => {
  const text = read('dsl')
  const blocks = [...text.matchAll(/```json\n(.*?)```/gs)].map(match => JSON.parse(match[1]!) as Record<string, unknown>)

  test('begins with a query', () => {
    expect(parseQuery(blocks[0])).toBeTypeOf('object')
  })

  test.each([
    ['interval', (block: Record<string, unknown>) => 'start' in block, (block: unknown) => ({ interval: block })],
    ['granularity', (block: Record<string, unknown>) => 'type' in block, (block: unknown) => ({ granularity: block })],
    ['group_by', (block: unknown) => Array.isArray(block) && block[0] === 'country', (block: unknown) => ({ group_by: block })],
    ['aggregations', (block: unknown) => Array.isArray(block) && block[0] !== 'country', (block: unknown) => ({ aggregations: block })],
    ['post_aggregations', (block: Record<string, unknown>) => 'post_aggregations' in block, (block: object) => ({ aggregations: [{ type: 'count' }, { type: 'sum', fields: ['session_duration_secs'], name: 'secs' }], ...block })],
    ['order_by and limit', (block: Record<string, unknown>) => 'limit' in block, (block: object) => ({ group_by: ['country'], ...block })]
  ] as const)('its examples of %s are valid', (_name, isExample, keysOf) => {
    const examples = blocks.filter(isExample)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(parseQuery(queryWith(keysOf(example)))).toBeTypeOf('object')
  })

  test('its intervals are those that it says', () => {
    const rows = [...text.matchAll(/^\| `(["{[].*)` \| (\S+Z) to (\S+Z) \|$/gm)]
    expect(rows.length).toBe(5)
    for (const [, interval, start, end] of rows) {
      const parsed = parseQuery(queryWith({ interval: JSON.parse(interval!) as unknown }), undefined, () => Date.parse('2025-03-31T10:20:00Z')).interval
      expect([parsed.start, parsed.end].map(instant => new Date(instant).toISOString()), interval).toEqual([start, end])
      expect(parsed.spans).toBeUndefined()
    }
  })

  test('its queries have the answers that follow them', async () => {
    const sessions = text.match(/```ndjson\n(.*?)```/s)![1]!.trim().split('\n').map(line => JSON.parse(line) as Session)
    const engine = await engineWith(sessions)
    const pairs = blocks.flatMap((block, i) => 'compare' in block ? [[block, blocks[i + 1]]] : [])
    expect(pairs.length).toBe(1)
    for (const [query, answer] of pairs) expect(await engine.query(query as unknown as QueryInput)).toEqual(answer)
    await engine.close()
  })

  test('its meta is that of the query before it', async () => {
    const sessions = text.match(/```ndjson\n(.*?)```/s)![1]!.trim().split('\n').map(line => JSON.parse(line) as Session)
    const engine = await Engine.open({ clock: () => Date.parse('2019-01-05') })
    await engine.ingest(sessions)
    const at = blocks.findIndex(block => 'context' in block && 'interval' in block)
    const { meta } = await engine.query(blocks[at] as unknown as QueryInput)
    expect({ ...meta, elapsed_ms: 1 }).toEqual(blocks[at + 1])
    await engine.close()
  })

  test('its dimensions have the groups that it says', async () => {
    const sessions = text.match(/```ndjson\n(.*?)```/s)![1]!.trim().split('\n').map(line => JSON.parse(line) as Session)
    const engine = await engineWith(sessions)
    const rows = [...text.matchAll(/^\| `(\{"type": "[^`]+\})` \| .* \| `(\[\[.*\]\])` \|$/gm)]
    expect(rows.length).toBe(7)
    for (const [, dimension, groups] of rows) {
      const interval = { start: '2019-01-01', end: '2020-01-01' }
      const query = queryWith({ interval, group_by: [JSON.parse(dimension!) as unknown] }) as unknown as QueryInput
      const { data } = await engine.query(query)
      expect(data.map(row => row.slice(1)), dimension).toEqual(JSON.parse(groups!))
    }
    await engine.close()
  })

  test('its filters match the sessions that it says', async () => {
    const engine = await engineWith(sessionsOf(text))
    const rows = [...text.matchAll(/^\| `(\{"type": "[^…`]+\})` \|.*\| ([a-z ]*)\|$/gm)]
    expect(rows.length).toBe(17)
    for (const [, filter, ids] of rows) {
      const interval = { start: '2019-01-01', end: '2020-01-01' }
      const query = queryWith({ interval, group_by: ['session_id'], filters: JSON.parse(filter!) as unknown }) as unknown as QueryInput
      const { data } = await engine.query(query)
      expect(data.map(row => row[1]).join(' '), filter).toBe(ids!.trim())
    }
    await engine.close()
  })

  test('its rows are those that it says', async () => {
    const engine = await engineWith(sessionsOf(text))
    const base = blocks.find(block => 'group_by' in block && 'aggregations' in block && !('interval' in block))!
    const rows = [...text.matchAll(/^\| `(\{"[^`]+\})` \| `(\[\[[^`]*\]\])`(?: and totals `(\[[^`]*\])`)? \|$/gm)].filter(([, keys]) => !keys!.startsWith('{"type"'))
    expect(rows.length).toBe(14)
    for (const [, keys, answer, totals] of rows) {
      const query = queryWith({ interval: { start: '2019-01-01', end: '2020-01-01' }, ...base, ...JSON.parse(keys!) as object }) as unknown as QueryInput
      const result = await engine.query(query)
      expect(result.data.map(row => row.slice(1)), keys).toEqual(JSON.parse(answer!))
      expect(result.totals?.slice(1), keys).toEqual(totals === undefined ? undefined : JSON.parse(totals))
    }
    await engine.close()
  })

  test('its granularities have the buckets that it says', async () => {
    const engine = await engineWith(sessionsOf(text))
    const rows = [...text.matchAll(/^\| `(["{][^`]+)` \| `(\["\d[^`]+\])` \|$/gm)]
    expect(rows.length).toBe(5)
    for (const [, granularity, stamps] of rows) {
      const interval = { start: '2019-01-01', end: '2019-01-04', time_zone: 'Europe/Helsinki' }
      const query = queryWith({ interval, granularity: JSON.parse(granularity!) as unknown }) as unknown as QueryInput
      const { data } = await engine.query(query)
      expect(data.map(row => row[0]), granularity).toEqual(JSON.parse(stamps!))
    }
    await engine.close()
  })

  test('its aggregations answer what it says', async () => {
    const engine = await engineWith(sessionsOf(text))
    const rows = [...text.matchAll(/^\| `(\{"type": "[^…`]+\})` \| `(\[(?!"\d)[^`]+\])` \|$/gm)]
    expect(rows.length).toBe(18)
    for (const [, aggregation, answer] of rows) {
      const query = queryWith({ interval: { start: '2019-01-01', end: '2020-01-01' }, aggregations: [JSON.parse(aggregation!)] }) as unknown as QueryInput
      const { data } = await engine.query(query)
      const rounded = data[0]!.slice(1).map(value => typeof value === 'number' ? Number(value.toFixed(5)) : value)
      expect(rounded, aggregation).toEqual(JSON.parse(answer!))
    }
    await engine.close()
  })
})

/** Laws of filters that hold whatever the data: two-valued logic, with `not` as the plain complement. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../index.js'
import { engineWith } from '../support/engine.js'
import { randomFilter } from '../support/filters.js'
import type { FilterJson, QueryJson } from '../support/query-json.js'
import { Random } from '../support/random.js'
import { randomDataset, type Dataset } from '../support/sessions.js'

const PARAMETERS = { seed: 31, numRuns: 40 }
const seeds = fc.integer({ min: 1, max: 1_000_000 })

/** The sessions that a filter selects, each as text. */
async function selected(engine: Engine, { range }: Dataset, filters?: QueryJson['filters']): Promise<string[]> {
  const { data } = await engine.query({
    interval: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
    granularity: 'all',
    group_by: ['source', 'session_id'],
    aggregations: [{ type: 'count' }],
    ...(filters !== undefined && { filters })
  })
  return data.map(row => JSON.stringify(row))
}

function not(field: FilterJson): FilterJson {
  return { type: 'not', field }
}

describe('filters', () => {
  const loaded: { dataset: Dataset; engine: Engine }[] = []
  beforeAll(async () => {
    for (const seed of [41, 42, 43, 44]) {
      const dataset = randomDataset(seed, 300)
      loaded.push({ dataset, engine: await engineWith(dataset.sessions, { columns: dataset.columns, segmentRows: 64 }) })
    }
  })
  afterAll(async () => {
    for (const { engine } of loaded) await engine.close()
  })

  function law(name: string, check: (filter: () => FilterJson, select: (filters?: QueryJson['filters']) => Promise<string[]>) => Promise<void>): void {
    it(name, async () => {
      await fc.assert(fc.asyncProperty(seeds, async seed => {
        const random = new Random(seed)
        const { dataset, engine } = random.pick(loaded)
        await check(() => randomFilter(random, dataset, 2), filters => selected(engine, dataset, filters))
      }), PARAMETERS)
    })
  }

  law('not not f is f', async (filter, select) => {
    const f = filter()
    expect(await select(not(not(f)))).toEqual(await select(f))
  })

  law('f and not f are all sessions, each once', async (filter, select) => {
    const f = filter()
    const both = [...await select(f), ...await select(not(f))]
    expect(both.sort()).toEqual((await select()).sort())
  })

  law('f and not f at once is none, f or not f is all', async (filter, select) => {
    const f = filter()
    const g = not(f)
    expect(await select({ type: 'and', fields: [f, g] })).toEqual([])
    expect(await select({ type: 'or', fields: [f, g] })).toEqual(await select())
  })

  law('not (f and g) is not f or not g, and the other way round', async (filter, select) => {
    const [f, g] = [filter(), filter()]
    expect(await select(not({ type: 'and', fields: [f, g] }))).toEqual(await select({ type: 'or', fields: [not(f), not(g)] }))
    expect(await select(not({ type: 'or', fields: [f, g] }))).toEqual(await select({ type: 'and', fields: [not(f), not(g)] }))
  })

  law('and, or and lists do not depend on order, repetition or nesting', async (filter, select) => {
    const [f, g, h] = [filter(), filter(), filter()]
    const and = await select({ type: 'and', fields: [f, g, h] })
    expect(await select({ type: 'and', fields: [h, { type: 'and', fields: [g, f] }, h] })).toEqual(and)
    expect(await select([f, g, h])).toEqual(and)
    const or = await select({ type: 'or', fields: [f, g, h] })
    expect(await select({ type: 'or', fields: [{ type: 'or', fields: [h, g] }, f, f] })).toEqual(or)
  })

  it('in is an or of selectors, and a closed bound of one value is that value', async () => {
    const values = ['', 'null', '10', 'a', '__proto__', null]
    for (const { dataset, engine } of loaded) {
      for (const dimension of ['city', 'rooms', 'source', '__proto__']) {
        if (!dataset.columns.has(dimension)) continue
        const selectors = values.map((value): FilterJson => ({ type: 'selector', dimension, value }))
        expect(await selected(engine, dataset, { type: 'in', dimension, values })).toEqual(await selected(engine, dataset, { type: 'or', fields: selectors }))
        const bound: FilterJson = { type: 'bound', dimension, lower: 'a', upper: 'a' }
        expect(await selected(engine, dataset, bound)).toEqual(await selected(engine, dataset, { type: 'selector', dimension, value: 'a' }))
      }
    }
  })

  it('without a condition select all, with an empty one none', async () => {
    for (const { dataset, engine } of loaded) {
      const all = await selected(engine, dataset)
      const empty: QueryJson['filters'][] = [null, {}, [], { type: 'and', fields: [] }]
      for (const filters of empty) expect(await selected(engine, dataset, filters)).toEqual(all)
      expect(await selected(engine, dataset, { type: 'or', fields: [] })).toEqual([])
      expect(await selected(engine, dataset, { type: 'in', dimension: 'city', values: [] })).toEqual([])
    }
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { queriesAtHand } from '../../cli/query-input.js'
import type { QueryText } from '../../cli/queries.js'

const query = (line: number): QueryText => ({ text: `{"a":${line}}\n`, line })

async function* texts(...steps: (QueryText | number)[]): AsyncGenerator<QueryText> {
  for (const step of steps) {
    if (typeof step === 'number') await sleep(step)
    else yield step
  }
}

async function all(items: AsyncIterable<QueryText> | null): Promise<QueryText[] | null> {
  if (items === null) return null
  const found: QueryText[] = []
  for await (const item of items) found.push(item)
  return found
}

async function* failing(ms: number): AsyncGenerator<QueryText> {
  yield query(1)
  await sleep(ms)
  throw new Error('cut off')
}

describe('queries at hand', () => {
  it('are all of an input that ends', async () => {
    expect(await queriesAtHand({ complete: false, texts: texts(query(1), query(2)) })).toEqual({ queries: [query(1), query(2)], more: null })
    expect(await queriesAtHand({ complete: false, texts: texts() })).toEqual({ queries: [], more: null })
  })

  it('are those before a pause of who asks one at a time, and none is lost', async () => {
    const { queries, more } = await queriesAtHand({ complete: false, texts: texts(query(1), 200, query(2), query(3), 30, query(4)) })
    expect([queries, await all(more)]).toEqual([[query(1)], [query(2), query(3), query(4)]])
    const late = await queriesAtHand({ complete: false, texts: texts(200, query(1)) })
    expect([late.queries, await all(late.more)]).toEqual([[], [query(1)]])
  })

  it('are all of a file, however long reading takes', async () => {
    expect(await queriesAtHand({ complete: true, texts: texts(query(1), 60, query(2)) })).toEqual({ queries: [query(1), query(2)], more: null })
  })

  it('fail where the input fails, at once or later', async () => {
    await expect(queriesAtHand({ complete: true, texts: failing(0) })).rejects.toThrow('cut off')
    const { more } = await queriesAtHand({ complete: false, texts: failing(200) })
    await sleep(250)
    await expect(all(more)).rejects.toThrow('cut off')
  })
})

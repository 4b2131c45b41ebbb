import { describe, expect, test } from 'vitest'
import { BOOKMARK_VERSION, MAX_KEPT_GAPS, mergeGaps, type Bookmark } from '../../connectors/bookmark.js'
import { SourceError } from '../../connectors/errors.js'
import { resumable } from '../../connectors/resumable.js'
import { newReport, type Batch, type ReadOptions, type Source } from '../../connectors/source.js'
import { virtualClock } from '../sandbox/virtual-clock.js'

const NOW = Date.UTC(2025, 0, 15)
const clock = virtualClock(NOW)

/** Counts up from its state, three batches of one session at a time; the state is epoch ms. */
class Counter implements Source<number> {
  readonly name = 'counter'
  readonly type: string
  readonly account: string
  readonly scope: string
  readonly given: unknown[] = []
  fails = false

  constructor({ type = 'count', account = 'https://a.example', scope = '' } = {}) {
    this.type = type
    this.account = account
    this.scope = scope
  }

  describe() {
    return []
  }

  check() {
    return Promise.resolve({ ok: true, message: '' })
  }

  watermark(state: number) {
    return state
  }

  async* read({ state, report = newReport() }: ReadOptions<number> = {}): AsyncGenerator<Batch<number>> {
    this.given.push(state)
    for (let i = 1; i <= 3; i++) {
      const at = (state ?? NOW - 100) + i
      report.rows++
      await Promise.resolve()
      yield { sessions: [{ session_id: `${at}`, started_at: at }], state: at }
      if (this.fails && i === 2) throw new SourceError('source_failed', this.name, 'it broke.')
    }
  }
}

async function bookmarks(source: Source, state?: unknown, more: ReadOptions = {}): Promise<Bookmark[]> {
  const states: Bookmark[] = []
  try {
    for await (const batch of resumable(source).read({ clock, state, ...more })) states.push(JSON.parse(JSON.stringify(batch.state ?? null)) as Bookmark)
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== 'source_failed') throw error
  }
  return states
}

describe('a bookmark', () => {
  test('knows whose it is, how far it is, and how the reading ended', async () => {
    const states = await bookmarks(new Counter({ scope: 'plan=a' }))
    expect(states.map(({ state, watermark, ending }) => ({ state, watermark, ending }))).toEqual([
      { state: NOW - 99, watermark: NOW - 99, ending: null }, { state: NOW - 98, watermark: NOW - 98, ending: null },
      { state: NOW - 97, watermark: NOW - 97, ending: null }, { state: NOW - 97, watermark: NOW - 97, ending: 'done' }
    ])
    expect(states.at(-1)).toMatchObject({
      type: 'count', account: 'https://a.example', scope: 'plan=a', begun: NOW, ended: NOW, lastDone: NOW, counts: { syncs: 1, rows: 3 }
    })
  })

  test('adds up over readings, and reads on', async () => {
    const source = new Counter()
    const first = await bookmarks(source)
    const second = await bookmarks(source, first.at(-1))
    expect(source.given).toEqual([undefined, NOW - 97])
    expect(second.at(-1)).toMatchObject({ state: NOW - 94, counts: { syncs: 2, rows: 6 } })
  })

  test('tells of a reading that failed, or was cut off', async () => {
    const source = new Counter()
    source.fails = true
    const [first, , failed] = await bookmarks(source, (await bookmarks(new Counter())).at(-1))
    expect(first).toMatchObject({ ending: null, ended: null, lastDone: NOW })
    expect(failed).toMatchObject({ state: NOW - 95, ending: 'failed', message: 'source "counter": it broke.', lastDone: NOW })
  })

  test('loads the bare state of earlier versions', async () => {
    const source = new Counter()
    expect((await bookmarks(source, NOW - 50)).at(-1)).toMatchObject({ version: BOOKMARK_VERSION, state: NOW - 47 })
    expect(source.given).toEqual([NOW - 50])
  })

  test('of a later version is refused', async () => {
    const [last] = await bookmarks(new Counter())
    const refusal = { code: 'invalid_state', message: expect.stringContaining('version 2') }
    await expect(bookmarks(new Counter(), { ...last, version: 2 })).rejects.toMatchObject(refusal)
  })

  test.each([
    [{ type: 'other' }, 'a source of type count, now it is other'], [{ account: 'https://b.example' }, 'https://a.example, now it is https://b.example']
  ])(
    'of another system or account is refused: %j', async (change, message) => {
      const last = (await bookmarks(new Counter())).at(-1)
      await expect(bookmarks(new Counter(change), last)).rejects.toMatchObject({ code: 'invalid_state', message: expect.stringContaining(message) })
    }
  )

  test('of other filters begins anew', async () => {
    const last = (await bookmarks(new Counter({ scope: 'plan=a' }))).at(-1)
    const source = new Counter({ scope: 'plan=b' })
    expect((await bookmarks(source, last)).at(-1)).toMatchObject({ scope: 'plan=b', counts: { syncs: 2 } })
    expect(source.given).toEqual([undefined])
  })

  test('far in the future yields nothing, and says so', async () => {
    const source = new Counter()
    const report = newReport()
    expect(await bookmarks(source, NOW + 3 * 86_400_000, { report })).toEqual([])
    expect(source.given).toEqual([])
    expect(report.warnings).toEqual([expect.stringContaining('2025-01-18')])
  })

  test('stays as it was when an interval is read', async () => {
    const last = (await bookmarks(new Counter())).at(-1)
    const interval = { start: 0, end: NOW }
    expect(await bookmarks(new Counter(), last, { interval })).toEqual([last, last, last])
    expect(await bookmarks(new Counter(), undefined, { interval })).toEqual([null, null, null])
  })
})

describe('gaps', () => {
  test('of one reason that touch become one, and the larger loss counts', () => {
    const { kept } = mergeGaps(
      [{ from: 0, to: 10, reason: 'a', atLeast: 3 }, { from: 0, to: 5, reason: 'b' }],
      [{ from: 10, to: 12, reason: 'a' }, { from: 5, to: 11, reason: 'a', atLeast: 2 }, { from: 20, to: 21, reason: 'a' }]
    )
    expect(kept).toEqual([{ from: 0, to: 12, reason: 'a', atLeast: 3 }, { from: 0, to: 5, reason: 'b' }, { from: 20, to: 21, reason: 'a' }])
  })

  test('are bounded, and those left out are counted', () => {
    const { kept, more } = mergeGaps([], Array.from({ length: MAX_KEPT_GAPS + 7 }, (_, i) => ({ from: i * 10, to: i * 10 + 1, reason: 'a' })))
    expect(more).toBe(7)
    expect(kept).toHaveLength(MAX_KEPT_GAPS)
    expect(kept[0]?.from).toBe(70)
  })
})

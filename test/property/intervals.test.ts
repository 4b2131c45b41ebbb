/** A list of intervals is the interval that they cover, less what lies between them. */
import { expect, it } from 'vitest'
import type { QueryInput } from '../../dsl/input.js'
import { instantOfText } from '../support/granularity.js'
import { engineWith } from '../support/engine.js'
import { queriesOf } from '../support/queries.js'
import { Random } from '../support/random.js'
import { randomDataset } from '../support/sessions.js'

const iso = (instant: number) => new Date(instant).toISOString()

it.each([301, 302, 303, 304, 305, 306])('over the sessions of seed %i', async seed => {
  const dataset = randomDataset(seed)
  const random = new Random(seed)
  const engine = await engineWith(dataset.sessions, { columns: dataset.columns, segmentRows: random.pick([7, 50, 1000]) })
  for (const query of queriesOf(dataset, 25)) {
    const { time_zone: zone = 'UTC', ...range } = query.interval
    const start = instantOfText(range.start, zone)
    const end = instantOfText(range.end, zone)
    const cuts = [start, ...Array.from({ length: random.between(0, 12) }, () => random.between(start, end)), end].sort((a, b) => a - b)
    const pieces = cuts.slice(1).map((cut, i) => ({ start: cuts[i]!, end: cut, isIn: random.chance(0.6) }))
    /** In any order and form; `reach`: some begin earlier, in another. */
    const list = (parts: typeof pieces, reach: boolean) => random.sample(parts, parts.length).map((part, i) => {
      const from = reach && random.chance(0.3) ? random.between(start, part.start) : part.start
      return i > 0 && random.chance(0.5) ? `${iso(from)}/${iso(part.end)}` : { start: iso(from), end: iso(part.end), time_zone: zone }
    })
    expect(await engine.query({ ...query, interval: list(pieces, true) } as QueryInput), JSON.stringify(query)).toEqual(await engine.query(query))

    const kept = pieces.filter(({ isIn }) => isIn)
    const isAll = query.granularity === 'all'
    if (kept.length === 0 || isAll && kept[0] !== pieces[0]) continue
    const spans = kept.map(part => `${iso(part.start)}/${iso(part.end)}`)
    const filters = [{ type: 'interval', dimension: '__time', intervals: spans }, ...Array.isArray(query.filters) ? query.filters : query.filters && 'type' in query.filters ? [query.filters] : []]
    const filtered = await engine.query({ ...query, filters, fill: 'none' } as QueryInput)
    expect(await engine.query({ ...query, interval: list(kept, false), fill: 'none' } as QueryInput), JSON.stringify(query)).toEqual(filtered)
  }
  await engine.close()
})

/** Totals and subtotals in every format: a row that is not grouped by a dimension is never taken for one of its null group. */
import { describe, expect, it } from 'vitest'
import { formatResult } from '../../cli/format.js'
import type { TextFormat } from '../../cli/formats.js'
import type { ResultTable } from '../../cli/result.js'

const DAY = '2025-01-01T00:00:00.000Z'
const RESULT: ResultTable = {
  fields: [{ name: 'timestamp', type: 'dimension' }, { name: 'city', type: 'dimension' }, { name: 'score', type: 'dimension' }, { name: 'avg', type: 'metric' }],
  data: [[DAY, null, null, 1.5], [DAY, '(all)', null, 20], [DAY, 'Other', 3, 7], [DAY, null, null, 4.25]],
  subtotals: [{ group_by: ['city'], rows: 2 }, { group_by: ['city', 'score'], rows: 1 }, { group_by: [], rows: 1 }],
  totals: [DAY, null, null, 4.25]
}

function lines(format: TextFormat, result: ResultTable = RESULT, color = false): string[] {
  return [...formatResult(result, format, { columns: 60, color })].join('').split('\n').slice(0, -1)
}

describe('totals and subtotals', () => {
  it('json has them after the data, and only where they were asked for', () => {
    expect(JSON.parse(lines('json')[0]!)).toEqual(RESULT)
    const { fields, data } = RESULT
    expect(lines('json', { fields, data })).toEqual([`{"fields":${JSON.stringify(fields)},"data":${JSON.stringify(data)}}`])
  })

  it('ndjson leaves out what a row is not grouped by, and marks the totals', () => {
    expect(lines('ndjson')).toEqual([
      `{"timestamp":"${DAY}","city":null,"avg":1.5}`, `{"timestamp":"${DAY}","city":"(all)","avg":20}`,
      `{"timestamp":"${DAY}","city":"Other","score":3,"avg":7}`, `{"timestamp":"${DAY}","avg":4.25}`, '{"totals":{"avg":4.25}}'
    ])
  })

  it('csv has (all), which no text of a session is without quotes', () => {
    expect(lines('csv').slice(1)).toEqual([`${DAY},,(all),1.5`, `${DAY},"(all)",(all),20`, `${DAY},Other,3,7`, `${DAY},(all),(all),4.25`, '(all),(all),(all),4.25'])
  })

  it('a table has totals below a rule', () => {
    expect(lines('table')).toEqual([
      'timestamp   city   score    avg', '──────────  ─────  ─────  ─────',
      '2025-01-01  –      (all)   1.50', '2025-01-01  (all)  (all)  20.00', '2025-01-01  Other  3       7.00', '2025-01-01  (all)  (all)   4.25',
      '──────────  ─────  ─────  ─────', '(all)       (all)  (all)   4.25'
    ])
    expect(lines('table', RESULT, true).at(-1)).toBe('\u001b[1m(all)       (all)  (all)   4.25\u001b[22m')
    expect(lines('table', { fields: RESULT.fields, data: [], totals: [DAY, null, null, null] })).toEqual([
      'timestamp  city   score  avg', '─────────  ─────  ─────  ───', '─────────  ─────  ─────  ───', '(all)      (all)  (all)    –'
    ])
  })

  it('a chart says the total beside the title and does not draw it', () => {
    const [title, ...bars] = lines('chart')
    expect(title).toBe('avg (total 4.25)')
    expect(bars.map(bar => bar.split('  ')[0]!.trim())).toEqual(['– · (all)', '(all) · (all)', 'Other · 3', '(all) · (all)'])
  })
})

import { describe, expect, it } from 'vitest'
import { outline } from '../../cli/outline.js'

describe('outline', () => {
  it('is a line per value, indented by depth, with flat lists and objects on one line', () => {
    expect(
      [...outline({ rows: 5, when: null, list: ['a', 'b c'], none: [], flat: { x: 1, y: '' }, deep: [{ filter: { type: 'and' } }, { a: 1 }] })].join('')
    ).toBe([
      'rows: 5', 'when: null', 'list: a, "b c"', 'none: (none)', 'flat: x=1 y=""', 'deep:', '  -', '    filter: type=and', '  - a=1', ''
    ].join('\n'))
  })

  it('takes a line per item for a list that is long', () => {
    const items = Array.from({ length: 30 }, (_, i) => `item${i}`)
    expect([...outline({ items })].join('')).toBe(`items:\n${items.map(item => `  - ${item}\n`).join('')}`)
  })

  it('is the value itself where it is no object', () => {
    expect([...outline('\u001b[2J')].join('')).toBe('"\\u001b[2J"\n')
  })
})

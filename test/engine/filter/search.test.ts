import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foldCase } from '../../../engine/filter/search.js'
import type { SearchInput } from '../../../dsl/input.js'
import type { Engine } from '../../../index.js'
import { engineWith } from '../../support/engine.js'
import { ask } from '../ask.js'

describe('case', () => {
  test.each([
    ['HELSINKI', 'helsinki'], ['ΟΔΌΣ', 'οδός'], ['οδόσ', 'οδός'], ['ÅÄÖ', 'åäö'], ['straße', 'STRAẞE'], ['\u{10400}', '\u{10428}'], ['\u212a', 'k']
  ])('%s is %s', (one, other) => {
    expect(foldCase(one)).toBe(foldCase(other))
  })

  test.each([['straße', 'STRASSE'], ['é', 'e'], ['İ', 'i'], ['a', 'b'], ['\ud800', '\ud801']])('%s is not %s', (one, other) => {
    expect(foldCase(one)).not.toBe(foldCase(other))
  })

  test('changes no number of characters', () => {
    for (let code = 0; code < 0x11000; code++) expect([...foldCase(String.fromCodePoint(code))].length).toBe(1)
  })
})

describe('search', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await engineWith([
      { session_id: 'a', started_at: 1, city: 'Helsinki', rooms: ['Sales', 'SUPPORT'], session_duration_secs: 125 },
      { session_id: 'b', started_at: 2, city: 'HELSINGBORG', rooms: ['sales'], session_duration_secs: 1e21 },
      { session_id: 'c', started_at: 3, city: '', rooms: [] },
      { session_id: 'd', started_at: 4 }
    ])
  })
  afterAll(() => engine.close())

  const found = async (dimension: string, query: SearchInput): Promise<string> => {
    const rows = await ask(engine, { group_by: ['session_id'], filters: { type: 'search', dimension, query } })
    return rows.map(([id]) => id).join('')
  }

  test('finds a text wherever it stands', async () => {
    expect(await found('city', { type: 'contains', value: 'SINK' })).toBe('a')
    expect(await found('city', { type: 'insensitive_contains', value: 'hels' })).toBe('ab')
    expect(await found('city', { type: 'contains', value: 'Hels', caseSensitive: true })).toBe('a')
    expect(await found('city', { type: 'contains', value: 'G', caseSensitive: true })).toBe('b')
  })

  test('wants every fragment, in one value', async () => {
    expect(await found('city', { type: 'fragment', values: ['hel', 'borg'] })).toBe('b')
    expect(await found('city', { type: 'fragment', values: ['Hel', 'ki'], caseSensitive: true })).toBe('a')
    expect(await found('city', { type: 'fragment', values: ['Hel', 'BORG'], caseSensitive: true })).toBe('')
    expect(await found('rooms', { type: 'fragment', values: ['sal', 'supp'] })).toBe('')
  })

  test('matches an array by any element', async () => {
    expect(await found('rooms', { type: 'contains', value: 'SALES' })).toBe('ab')
    expect(await found('rooms', { type: 'contains', value: 'S', caseSensitive: true })).toBe('a')
  })

  test('reads a number as its text', async () => {
    expect(await found('session_duration_secs', { type: 'contains', value: '25' })).toBe('a')
    expect(await found('session_duration_secs', { type: 'contains', value: 'E+2' })).toBe('b')
    expect(await found('session_duration_secs', { type: 'contains', value: 'E+2', caseSensitive: true })).toBe('')
  })

  test('finds nothing where there is no value, and the empty text in every other', async () => {
    expect(await found('city', { type: 'contains', value: '' })).toBe('abc')
    expect(await found('rooms', { type: 'contains', value: '' })).toBe('ab')
    expect(await found('session_duration_secs', { type: 'contains', value: '' })).toBe('ab')
  })
})

import { describe, expect, test } from 'vitest'
import { readRequestText } from '../../dsl/dialect.js'
import { COLUMNS, issuesOf, queryWith } from './helpers.js'
import { MISTAKES, type Mistake } from './mistakes.js'

const HEAD = `# Typical mistakes

What is written by mistake, and what is answered: the place as a JSON Pointer, where there is one, and the message. Each row is checked by a test.
Queries are shown by the keys that matter; the others are sound.

| mistake | what is written | what is answered |
|---|---|---|
`

function textOf({ query }: Mistake): string {
  return typeof query === 'string' ? query : JSON.stringify(queryWith(query))
}

function messagesOf(one: Mistake): string[] {
  return issuesOf(() => readRequestText(textOf(one), COLUMNS)).map(({ pointer, message }) => pointer === '' ? message : `\`${pointer}\` ${message}`)
}

function rowOf(one: Mistake): string {
  const written = typeof one.query === 'string' ? one.query.replaceAll('\n', ' ') : JSON.stringify(one.query)
  return `| ${one.mistake} | \`${written}\` | ${messagesOf(one).join('<br>').replaceAll('|', '\\|')} |\n`
}

describe('typical mistakes', () => {
  test('are forty and more, each of them refused', () => {
    expect(MISTAKES.length).toBeGreaterThanOrEqual(40)
    expect(MISTAKES.filter(one => messagesOf(one).length === 0)).toEqual([])
  })

  test('say one thing or two', () => {
    expect(MISTAKES.filter(one => messagesOf(one).length > 2)).toEqual([])
  })

  test('are answered as docs/mistakes.md says', async () => {
    await expect(HEAD + MISTAKES.map(rowOf).join('')).toMatchFileSnapshot('../../docs/mistakes.md')
  })
})

/** docs/dsl.md has whole queries with their answers: "```json query" and the "```json answer" after it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AnyQueryInput } from '../../dsl/input.js'
import type { Session } from '../../engine/session.js'
import { engineWith } from '../support/engine.js'

const text = readFileSync(new URL('../../docs/dsl.md', import.meta.url), 'utf8')

function blocks(kind: string): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${kind}\\n(.*?)\`\`\``, 'gs'))].map(match => match[1]!)
}

test('the queries of docs/dsl.md have the answers that it says', async () => {
  const sessions = blocks('ndjson visits')[0]!.trim().split('\n').map(line => JSON.parse(line) as Session)
  const engine = await engineWith(sessions)
  const answers = blocks('json answer')
  expect(answers.length).toBe(3)
  for (const [index, query] of blocks('json query').entries()) {
    expect(await engine.query(JSON.parse(query) as AnyQueryInput)).toEqual(JSON.parse(answers[index]!))
  }
  await engine.close()
})

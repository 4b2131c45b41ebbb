import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { DruidQueryInput } from '../../../index.js'
import type { Session } from '../../../engine/session.js'
import { ask } from './visits.js'

const text = readFileSync(new URL('../../../docs/druid.md', import.meta.url), 'utf8')
const block = (language: string, at: number) => [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))][at]![1]!.trim()

test('docs/druid.md answers its example as it says', async () => {
  const sessions = block('ndjson', 0).split('\n').map(line => JSON.parse(line) as Session)
  expect(await ask(JSON.parse(block('json', 0)) as DruidQueryInput, sessions)).toEqual(JSON.parse(block('json', 1)))
})

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseQueryText } from '../../dsl/parse.js'

const folder = new URL('../sandbox/demo-queries/', import.meta.url)
const demo = readFileSync(new URL('../sandbox/demo.ts', import.meta.url), 'utf8')

describe('the demo\'s queries', () => {
  it.each(readdirSync(folder))('%s is a query, and asked', name => {
    expect(parseQueryText(readFileSync(new URL(name, folder), 'utf8'))).toHaveProperty('interval')
    expect(demo).toContain(`'${name.replace('.json', '')}'`)
  })
})

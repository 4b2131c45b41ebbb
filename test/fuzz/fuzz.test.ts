import { describe, expect, it } from 'vitest'
import { fuzz, fuzzEngine } from './fuzz.js'

const INPUTS = 5000

describe('random queries, whole, changed and as broken text', () => {
  it('give a result or one of our own errors', async () => {
    const engine = await fuzzEngine(1)
    const { inputs, answered, refused, failures } = await fuzz(engine, 1, INPUTS)
    await engine.close()
    expect(failures.slice(0, 5)).toEqual([])
    expect(inputs).toBe(INPUTS)
    expect(answered).toBeGreaterThan(INPUTS / 20)
    expect(refused).toBeGreaterThan(INPUTS / 3)
  })
})

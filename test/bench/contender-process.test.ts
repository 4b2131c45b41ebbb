import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ContenderProcess } from '../../bench/contender-process.js'
import { writeDataset } from '../../bench/generate.js'

it.each([1, 2])('loads and answers in a built process of its own, with threads: %i', async threads => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-contender-'))
  const contender = new ContenderProcess('ours', threads)
  try {
    const path = join(folder, 'sessions.ndjson')
    await writeDataset(path, { rows: 1000, seed: 3 })
    expect(await contender.load(path)).toBe(1000)
    const [[, count] = []] = await contender.answer('q01-everything')
    expect(count).toBe(1000)
    expect((await contender.time('q01-everything')).ms).toBeGreaterThan(0)
    expect((await contender.memory()).resident).toBeGreaterThan(2 ** 20)
    await expect(contender.answer('q99')).rejects.toThrow('ours: answer q99: Error: no question q99')
  } finally {
    await contender.close()
    await rm(folder, { recursive: true })
  }
})

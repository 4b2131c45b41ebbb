/** Damages one file of a folder, in a random way, and looks at what an engine makes of it: the truth, or a refusal. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, SessionqlError } from '../../index.js'
import { randomIntegers } from '../engine/sketch/random.js'
import { faultOf } from './check.js'
import { batchOf, sourceOf, WRITERS } from './ledger.js'

/** Stored by a checkpoint, and only logged after it. */
const STORED_BATCHES = 40
const LOGGED_BATCHES = 15

export interface Damages {
  readonly rounds: number
  /** Refused when opened or when asked; whole: the damage was where nothing was lost. */
  readonly refused: number
  readonly whole: number
  /** The end of the newest log was cut off: what was acknowledged before it is there. */
  readonly shorter: number
  readonly faults: readonly string[]
}

export async function damageMany(seed: number, rounds: number): Promise<Damages> {
  const template = await mkdtemp(join(tmpdir(), 'sessionql-damage-'))
  const next = randomIntegers(seed)
  const last = await fill(template, seed)
  const result = { rounds, refused: 0, whole: 0, shorter: 0 }
  const faults: string[] = []
  const names = (await readdir(template)).filter(name => !name.startsWith('lock-')).sort()
  const newestLog = names.filter(name => name.startsWith('log-')).sort((a, b) => Number(a.slice(4)) - Number(b.slice(4))).at(-1)!
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'sessionql-damaged-'))
    await cp(template, folder, { recursive: true, filter: path => !path.includes('lock-') })
    // Every kind of file as often as the others, however many of it there are.
    const kinds = [...new Set(names.map(name => name.replace(/-\d+$/, '')))]
    const kind = kinds[next() % kinds.length]
    const ofKind = names.filter(name => name.replace(/-\d+$/, '') === kind)
    const name = ofKind[next() % ofKind.length]
    const change = await damage(join(folder, name), next)
    const outcome = await look(folder, seed, last, name === newestLog, next() % 2 === 0)
    if (outcome === 'refused' || outcome === 'whole' || outcome === 'shorter') result[outcome]++
    else faults.push(`round ${round} of seed ${seed}, ${name} ${change}: ${outcome}`)
    await rm(folder, { recursive: true })
  }
  await rm(template, { recursive: true })
  return { ...result, faults }
}

/** A folder with segments, dictionaries, deletions and a log. Returns the last batch of each source. */
async function fill(folder: string, seed: number): Promise<number[]> {
  const engine = await Engine.open({ dataDir: folder, segmentRows: 512 })
  const last: number[] = []
  for (let batch = 0; batch < STORED_BATCHES + LOGGED_BATCHES; batch++) {
    await engine.ingest({ name: sourceOf(batch), async *read() { yield { sessions: batchOf(seed, batch) as never, state: batch } } })
    last[batch % WRITERS] = batch
    if (batch === STORED_BATCHES) await engine.compact()
  }
  await engine.close()
  return last
}

async function damage(path: string, next: () => number): Promise<string> {
  const bytes = await readFile(path)
  const at = next() % bytes.length
  const kind = next() % 4
  if (kind === 0) {
    await writeFile(path, bytes.subarray(0, at))
    return `cut to ${at} bytes`
  }
  if (kind === 1) {
    await rm(path)
    return 'removed'
  }
  const length = kind === 2 ? 1 : 1 + next() % 64
  for (let i = at; i < Math.min(bytes.length, at + length); i++) bytes[i] ^= kind === 2 ? 1 << next() % 8 : next() % 256
  await writeFile(path, bytes)
  return `changed at ${at}, ${length} bytes`
}

/** 'refused', 'whole' or 'shorter'; anything else is a fault. */
async function look(folder: string, seed: number, last: readonly number[], mayBeShorter: boolean, readOnly: boolean): Promise<string> {
  try {
    const engine = await Engine.open({ dataDir: folder, readOnly })
    try {
      const { data } = await engine.query({ interval: { start: '2025-01-01', end: '2026-01-01' }, granularity: 'all', aggregations: [{ type: 'hyperUnique', fields: ['visitor_id'] }, { type: 'exactUnique', fields: ['visitor_id'] }] })
      if (Math.abs(Number(data[0][1]) - Number(data[0][2])) > Number(data[0][2]) / 100) return `${data[0][1]} distinct visitors instead of ${data[0][2]}`
      const whole = await faultOf(engine, seed, last)
      if (whole === null) return 'whole'
      const shorter = mayBeShorter ? await faultOf(engine, seed, last.map(() => -WRITERS)) : whole
      return shorter === null ? 'shorter' : shorter
    } finally {
      await engine.close()
    }
  } catch (error) {
    if (!(error instanceof SessionqlError)) return `an error of no kind: ${String(error)}`
    const isRefusal = error.code === 'store_damaged' || error.code === 'store_failed'
    return isRefusal && error.message.includes(folder) ? 'refused' : `a refusal that does not say where: ${error.message}`
  }
}

/** A disk that fails at one change, or at all from one on, under an engine that ingests, merges and stores. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, SessionqlError } from '../../index.js'
import { FileStorage } from '../../engine/store/file-storage.js'
import { faultOf } from './check.js'
import { FaultyFiles } from './faulty-files.js'
import { batchOf, sourceOf, WRITERS } from './ledger.js'

const SEGMENT_ROWS = 128
/** One merge of everything in so many batches. */
const COMPACT_EVERY = 6

interface Ingested {
  readonly acknowledged: number[]
  readonly errors: unknown[]
}

/** Changes of the disk of a run in which none fails. */
export async function changesOf(seed: number, batches: number): Promise<number> {
  const files = new FaultyFiles(0)
  const fault = await runOver(files, seed, batches, 1)
  if (fault !== null) throw new Error(fault)
  return files.count
}

/** One change fails, and what it was for is tried again: everything comes in. Returns what is wrong, and what it was that failed. */
export async function failOnce(seed: number, batches: number, at: number): Promise<{ fault: string | null, failed: string | null }> {
  const files = new FaultyFiles(at)
  const fault = await runOver(files, seed, batches, 2)
  return { fault: fault === null ? null : `change ${at}, a ${files.failed}, of seed ${seed}: ${fault}`, failed: files.failed }
}

async function runOver(files: FaultyFiles, seed: number, batches: number, tries: number): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-faults-'))
  const engine = await Engine.open({ storage: new FileStorage(folder, { files }), segmentRows: SEGMENT_ROWS })
  const { acknowledged, errors } = await ingestAll(engine, seed, batches, tries)
  const untold = errors.find(error => !(error instanceof SessionqlError))
  const fault = untold === undefined ? await faultOf(engine, seed, acknowledged) : String(untold)
  const beside = await faultOfFolder(folder, seed, acknowledged, true)
  await engine.close().catch(() => { /* a disk that fails at the end */ })
  const after = await faultOfFolder(folder, seed, acknowledged, false)
  const missing = Math.max(...acknowledged) === batches - 1 ? null : `only ${Math.max(...acknowledged)} came in`
  if (fault === null && beside === null && after === null && missing === null) await rm(folder, { recursive: true })
  return fault ?? beside ?? after ?? missing
}

/** The disk is full from a change on: all is refused in words and nothing lost. Then there is room again, and all comes in. */
export async function fillUp(seed: number, batches: number, at: number): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-faults-'))
  const files = new FaultyFiles(at, { forEver: true })
  const engine = await Engine.open({ storage: new FileStorage(folder, { files }), segmentRows: SEGMENT_ROWS })
  const full = await ingestAll(engine, seed, batches, 1)
  const unclear = full.errors.find(error => !(error instanceof SessionqlError && error.message.includes('the disk is full; make room and try again')))
  const kept = await faultOfFolder(folder, seed, full.acknowledged, true)
  files.failAt = 0
  const again = await ingestAll(engine, seed, batches, 1)
  await engine.compact()
  await engine.close()
  const after = await faultOfFolder(folder, seed, again.acknowledged, false)
  const refused = unclear ?? again.errors[0]
  if (refused !== undefined) return `full from change ${at} on, of seed ${seed}: ${String(refused)}`
  await rm(folder, { recursive: true })
  return kept ?? after
}

async function ingestAll(engine: Engine, seed: number, batches: number, tries: number): Promise<Ingested> {
  const acknowledged = Array.from({ length: WRITERS }, (_, writer) => writer - WRITERS)
  const errors: unknown[] = []
  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    for (let left = tries; left > 0; left--) {
      try {
        await work()
        return true
      } catch (error) {
        errors.push(error)
      }
    }
    return false
  }
  for (let batch = 0; batch < batches; batch++) {
    const sessions = batchOf(seed, batch)
    if (!await attempt(() => engine.ingest({ name: sourceOf(batch), async *read() { yield { sessions: sessions as never, state: batch } } }))) break
    acknowledged[batch % WRITERS] = batch
    if (batch % COMPACT_EVERY === COMPACT_EVERY - 1) await attempt(() => engine.compact())
  }
  return { acknowledged, errors }
}

async function faultOfFolder(folder: string, seed: number, acknowledged: readonly number[], readOnly: boolean): Promise<string | null> {
  const engine = await Engine.open({ dataDir: folder, readOnly })
  try {
    return await faultOf(engine, seed, acknowledged)
  } finally {
    await engine.close()
  }
}

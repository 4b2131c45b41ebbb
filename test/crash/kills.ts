/** Kills a process that ingests, at random moments, and looks at what its folder holds. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Engine } from '../../index.js'
import { randomIntegers } from '../engine/sketch/random.js'
import { faultOf } from './check.js'
import { WRITERS } from './ledger.js'

/** Kills of one folder: its history grows. */
const KILLS_OF_A_FOLDER = 10
/** Of acknowledged batches before the kill, and of the time after the last of them. */
const MOST_BATCHES = 25
const MOST_DELAY_MS = 30

export interface Kills {
  readonly kills: number
  readonly batches: number
  readonly faults: readonly string[]
}

/** `ingester` is the path of its bundle. @returns what was wrong, nothing of which should ever be */
export async function killMany(ingester: string, seed: number, kills: number): Promise<Kills> {
  const faults: string[] = []
  let batches = 0
  const next = randomIntegers(seed)
  for (let done = 0; done < kills;) {
    const folder = await mkdtemp(join(tmpdir(), 'sessionql-crash-'))
    const acknowledged = Array.from({ length: WRITERS }, (_, writer) => writer - WRITERS)
    const folderSeed = next()
    for (let kill = 0; kill < KILLS_OF_A_FOLDER && done < kills && faults.length === 0; kill++, done++) {
      for (const batch of await ingestAndKill([ingester, folder, String(folderSeed)], 1 + next() % MOST_BATCHES, next() % MOST_DELAY_MS)) {
        acknowledged[batch % WRITERS] = batch
        batches++
      }
      const fault = await faultOfFolder(folder, folderSeed, acknowledged, next() % 2 === 0)
      if (fault !== null) faults.push(`kill ${done} of seed ${seed}, ${folder}: ${fault}`)
    }
    if (faults.length > 0) return { kills: done, batches, faults }
    await rm(folder, { recursive: true })
  }
  return { kills, batches, faults }
}

async function faultOfFolder(folder: string, seed: number, acknowledged: readonly number[], readOnly: boolean): Promise<string | null> {
  try {
    const engine = await Engine.open({ dataDir: folder, readOnly })
    try {
      return await faultOf(engine, seed, acknowledged)
    } finally {
      await engine.close()
    }
  } catch (error) {
    return String(error)
  }
}

/** The batches that the child acknowledged. */
async function ingestAndKill(command: readonly string[], count: number, delayMs: number): Promise<number[]> {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.split('\n').length > count) void sleep(delayMs).then(() => child.kill('SIGKILL'))
  })
  const signal = await new Promise(resolve => child.on('close', (_, cause) => resolve(cause)))
  if (signal !== 'SIGKILL') throw new Error(`the child ended by itself: ${String(signal)}`)
  return text.slice(0, text.lastIndexOf('\n')).split('\n').map(Number)
}

/** Druid's published cases and the data that they are about. Both are Druid's (Apache-2.0). */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Engine } from '../../index.js'
import type { Session } from '../../engine/session.js'
import { engineWith } from './engine.js'
import { threadsOf } from './workers.js'

export interface DruidCase {
  readonly id: string
  readonly dataset: string
  /** How often the file is loaded, each time with keys of its own. */
  readonly load_times: number
}

/** Druid's metrics are 32-bit floats. */
export const FLOAT_TOLERANCE = 1e-6

export function readCases(): unknown[] {
  return JSON.parse(read('cases.json').toString()) as unknown[]
}

/** By turns. */
const THREADS = [2, 1, 4]
/** Rows that a thread takes at a time. */
const PIECE = 500

/** One engine for each data set. */
export class DruidEngines {
  private readonly engines = new Map<string, Promise<Engine>>()
  private readonly change: (columns: Record<string, Session[string]>) => Record<string, Session[string]>

  /** `change` gives each row the columns that the cases expect. */
  constructor(change: (columns: Record<string, Session[string]>) => Record<string, Session[string]> = columns => columns) {
    this.change = change
  }

  of({ dataset, load_times }: DruidCase): Promise<Engine> {
    const key = `${dataset} ${load_times}`
    const engine = this.engines.get(key) ?? engineWith(this.sessions(dataset, load_times), { threads: threadsOf(THREADS[this.engines.size % THREADS.length]!, { piece: PIECE }) })
    this.engines.set(key, engine)
    return engine
  }

  async close(): Promise<void> {
    for (const engine of this.engines.values()) await (await engine).close()
  }

  private sessions(path: string, copies: number): Session[] {
    const bytes = read(path)
    const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n')
    return Array.from({ length: copies }, (_, copy) => lines.map((line, number) => {
      const { timestamp, time, ...columns } = JSON.parse(line) as Record<string, Session[string]>
      return Object.assign(this.change(columns), { session_id: `${copy}:${number + 1}`, started_at: (timestamp ?? time) as string })
    })).flat()
  }
}

function read(path: string): Buffer {
  return readFileSync(new URL(`../conformance/druid/${path}`, import.meta.url))
}

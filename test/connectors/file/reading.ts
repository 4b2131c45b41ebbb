/** Reads files as a user's source does, for tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SessionqlError } from '../../../dsl/errors.js'
import { createFileSource } from '../../../connectors/file/file.js'
import { newReport, type DeadLetter, type Session } from '../../../connectors/source.js'

export interface Outcome {
  readonly sessions: Session[]
  readonly letters: DeadLetter[]
  readonly report: ReturnType<typeof newReport>
  readonly error: Error | null
}

export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'sessionql-file-'))
  #files = 0

  /** Each file in a folder of its own. */
  place(name: string): string {
    const folder = join(this.path, `f${this.#files++}`)
    mkdirSync(folder)
    return join(folder, name)
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.place(name)
    writeFileSync(path, content)
    return path
  }

  remove(): void {
    rmSync(this.path, { recursive: true })
  }
}

export async function read(config: Record<string, unknown>, stdin?: AsyncIterable<Uint8Array>): Promise<Outcome> {
  const sessions: Session[] = []
  const letters: DeadLetter[] = []
  const report = newReport()
  let error: Error | null = null
  try {
    const source = createFileSource('visits', config, stdin ? { stdin } : {})
    for await (const batch of source.read({ report, onDeadLetter: letter => letters.push(letter) })) sessions.push(...batch.sessions)
  } catch (thrown) {
    error = thrown as Error
  }
  return { sessions, letters, report, error }
}

/** Bytes in pieces of one size. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** What damaged bytes may end in: a typed error, or sessions. */
export function isTyped({ error }: Outcome): boolean {
  return error === null || error instanceof SessionqlError
}

/** Copies with one byte changed, or cut off, at places that a seed chooses. */
export function* damagedCopies(bytes: Uint8Array, count: number, seed: number): Generator<Uint8Array> {
  let state = seed
  const next = (below: number) => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
  for (let i = 0; i < count; i++) {
    const at = next(bytes.length)
    if (i % 3 === 0) yield bytes.slice(0, at)
    else {
      const copy = bytes.slice()
      for (let flips = i % 3; flips > 0; flips--) copy[next(bytes.length)]! ^= 1 << next(8)
      yield copy
    }
  }
}

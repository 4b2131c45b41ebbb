/**
 * Appends batches to the folder in argv until it is killed, and writes the number of each acknowledged one to stdout.
 * When an append fails it writes its message, then what the next one came to, and ends. Batch n holds sessions "n:0" … "n:(sizeOfBatch(n) - 1)" and leaves the state n.
 */
import { writeSync } from 'node:fs'
import { FileStorage } from '../../../engine/store/file-storage.js'
import { sizeOfBatch } from './batch-sizes.js'

const FILLER = 'x'.repeat(1000)

async function main(folder: string): Promise<void> {
  const storage = new FileStorage(folder)
  const replayed = storage.open()[Symbol.asyncIterator]()
  while (!(await replayed.next()).done);
  for (let batch = Number(storage.states().get('child') ?? -1) + 1; ; batch++) {
    const sessions = Array.from({ length: sizeOfBatch(batch) }, (_, at) => ({ session_id: `${batch}:${at}`, started_at: batch, filler: FILLER }))
    try {
      await storage.append({ source: 'child', sessions, state: batch })
    } catch (error) {
      const next: unknown = await storage.append({ source: 'child', sessions: [{ session_id: 'after', started_at: 0 }] }).catch((caught: unknown) => caught)
      for (const failure of [error, next]) writeSync(1, `${String(failure)}\n`)
      await storage.close()
      return
    }
    writeSync(1, `${batch}\n`)
  }
}

await main(process.argv[2])

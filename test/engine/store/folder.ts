import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { FileStorage } from '../../../engine/store/file-storage.js'
import type { StoredBatch } from '../../../engine/store/storage.js'

/** An empty folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-store-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function replay(storage: FileStorage): Promise<StoredBatch[]> {
  const batches: StoredBatch[] = []
  for await (const batch of storage.open()) batches.push(batch)
  return batches
}

export async function opened(folder: string): Promise<FileStorage> {
  const storage = new FileStorage(folder)
  await replay(storage)
  return storage
}

export async function stored(folder: string): Promise<{ batches: StoredBatch[], states: Map<string, unknown> }> {
  const storage = new FileStorage(folder)
  try {
    return { batches: await replay(storage), states: new Map(storage.states()) }
  } finally {
    await storage.close()
  }
}

/** Files that a tap is started with: its configuration and its state, for it alone. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TapFiles {
  /** Writes a value as JSON. @returns its path */
  add(name: string, value: unknown): Promise<string>
  remove(): Promise<void>
}

/** A folder that only this user can open (mkdtemp makes it so); its files hold credentials. */
export async function openTapFiles(): Promise<TapFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-tap-'))
  return {
    async add(name, value) {
      const path = join(folder, name)
      await writeFile(path, JSON.stringify(value), { mode: 0o600 })
      return path
    },
    remove: () => rm(folder, { recursive: true, force: true })
  }
}

/** Replaces the file at once: whoever reads it finds the state before or after, whole. */
export async function replaceFile(path: string, value: unknown): Promise<void> {
  const next = `${path}.next`
  await writeFile(next, `${JSON.stringify(value)}\n`, { mode: 0o600 })
  await rename(next, path)
}

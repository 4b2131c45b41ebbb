/** Builds the command once for all tests that run it as a process, as `npm run build` does: it starts in a third of the time that its source takes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { buildWorker } from './workers.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the built command. */
    readonly command: string
    /** Path of the built worker thread: Node cannot run its source. */
    readonly worker: string
  }
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export default async function build(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-built-'))
  const [worker] = await Promise.all([buildWorker(folder), run('npm', ['run', '-s', 'build:command', '--', `--outdir=${join(folder, 'cli')}`])])
  for (const name of ['node_modules', 'package.json']) await symlink(join(ROOT, name), join(folder, name))
  project.provide('command', join(folder, 'cli/main.js'))
  project.provide('worker', worker)
  return () => rm(folder, { recursive: true, force: true })
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { cwd: ROOT, stdio: 'inherit' }), 'close') as [number | null]
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
}

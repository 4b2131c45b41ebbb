/** Builds the command once for all tests that run it as a process, as `npm run build` does: it starts in a third of the time that its source takes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the built command. */
    readonly command: string
  }
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export default async function build(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-built-'))
  const builder = spawn('npm', ['run', '-s', 'build:command', '--', `--outdir=${join(folder, 'cli')}`], { cwd: ROOT, stdio: 'inherit' })
  const [code] = await once(builder, 'close') as [number | null]
  if (code !== 0) throw new Error(`the command cannot be built: npm run build:command ended with ${code}`)
  for (const name of ['node_modules', 'package.json']) await symlink(join(ROOT, name), join(folder, name))
  project.provide('command', join(folder, 'cli/main.js'))
  return () => rm(folder, { recursive: true, force: true })
}

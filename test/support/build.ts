/** Builds once for all tests what they run as processes and threads. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { bundle, BUNDLES, ROOT, type Bundle } from './bundle.js'

declare module 'vitest' {
  /** Paths of bundles by their names. */
  interface ProvidedContext extends Record<Bundle, string> {
    /** Path of the built command. */
    readonly command: string
  }
}

export default async function build(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sessionql-built-'))
  await Promise.all([
    run('npm', ['run', '-s', 'build:command', '--', `--outdir=${join(folder, 'cli')}`]),
    ...BUNDLES.map(async name => project.provide(name, await bundle(name, folder)))
  ])
  for (const name of ['node_modules', 'package.json']) await symlink(join(ROOT, name), join(folder, name))
  project.provide('command', join(folder, 'cli/main.js'))
  return () => rm(folder, { recursive: true, force: true })
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { cwd: ROOT, stdio: 'inherit' }), 'close') as [number | null]
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
}

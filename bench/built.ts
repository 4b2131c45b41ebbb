/** What the bench runs as a published program runs: compiled once, without the loader that reads sources and keeps the names of all functions. */
import { buildSync } from 'esbuild'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BENCH = dirname(fileURLToPath(import.meta.url))

let child: string | null = null

/** The program of a contender's process, which lies in the folder of the bench, for its packages are found from there. */
export function builtChild(): string {
  if (child !== null) return child
  const outdir = join(BENCH, 'dist')
  buildSync({
    entryPoints: [join(BENCH, 'child.ts')], outdir, bundle: true, splitting: true, packages: 'external', format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning'
  })
  child = join(outdir, 'child.js')
  return child
}

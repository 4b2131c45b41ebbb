/** Bundles of what runs as a thread or a process of its own: Node cannot start a thread from source, and a process starts in a third of the time that its source takes. */
import { build } from 'esbuild'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What tests run so, and where it lies in the checkout: worker threads, what is killed while it ingests, and while it appends. */
const SOURCES = { worker: 'threads/node.ts', ingester: 'test/crash/ingester.ts', appender: 'test/engine/store/appender.ts' }

export type Bundle = keyof typeof SOURCES
export const BUNDLES = Object.keys(SOURCES) as Bundle[]

/** Writes it into a folder. Returns its path. */
export async function bundle(name: Bundle, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`)
  await build({ entryPoints: [join(ROOT, SOURCES[name])], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' })
  return outfile
}

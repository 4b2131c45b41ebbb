/**
 * Compiles engine/kernels/assembly and writes it down in engine/kernels/module.ts; `npm run kernels`.
 * The product carries the compiled bytes, so that nobody who installs it needs a compiler.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

const LINE = 140
/** Of a memory of 32 bits; said, so that memories that threads share, which need an end, differ in a flag alone. */
const MOST_PAGES = 65_536
const root = fileURLToPath(new URL('../..', import.meta.url))

/** @throws Error with what the compiler says of a faulty source */
export async function compileKernels(): Promise<Uint8Array> {
  let compiled = new Uint8Array(0)
  const { error, stderr } = await main([
    'engine/kernels/assembly/index.ts', '--baseDir', root, '--outFile', 'kernels.wasm',
    '--enable', 'simd', '--enable', 'bulk-memory', '--runtime', 'stub', '-O3', '--noAssert', '--uncheckedBehavior', 'always', '--importMemory', '--maximumMemory', String(MOST_PAGES)
  ], { writeFile: (_name: string, contents: string | Uint8Array) => { if (typeof contents !== 'string') compiled = new Uint8Array(contents) } })
  if (error !== null) throw new Error(stderr.toString())
  return compiled
}

/** The file that carries the compiled kernels. */
export function moduleText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64')
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  return [
    '/** engine/kernels/assembly, compiled: written by `npm run kernels`. */',
    `export const MODULE = [\n${lines.map(line => `  '${line}'`).join(',\n')}\n].join('')`,
    ''
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../../engine/kernels/module.ts', import.meta.url), moduleText(await compileKernels()))
}

/** The kernels as they are compiled (engine/kernels/assembly), once for all that use them. */
import { isShared } from '../column/memory.js'
import { MODULE } from './module.js'

/** Pages of the largest memory. */
export const MOST_PAGES = 65_536

/** The compiled kernels over a memory that says how many pages it has at most; null where there is no SIMD. */
export function instantiate(memory: WebAssembly.Memory): WebAssembly.Exports | null {
  const compiled = isShared(new Uint8Array(memory.buffer, 0, 0)) ? forShared ??= compile(true) : forOwn ??= compile(false)
  return compiled === 'none' ? null : new WebAssembly.Instance(compiled, { env: { memory } }).exports
}

let forOwn: WebAssembly.Module | 'none' | null = null
let forShared: WebAssembly.Module | 'none' | null = null

/** How the import of a memory ends (WebAssembly's binary format, import section): its name, what it is, and that it has a maximum … */
const IMPORT = [...'memory'].map(letter => letter.charCodeAt(0)).concat(2, 1)
/** … in place of which stands that threads share it too. */
const SHARED = 3

function compile(areShared: boolean): WebAssembly.Module | 'none' {
  const text = atob(MODULE)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  if (areShared) bytes[endOf(IMPORT, bytes)] = SHARED
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : 'none'
}

/** Where a sequence, which is there, first ends. */
function endOf(sequence: readonly number[], bytes: Uint8Array): number {
  return bytes.findIndex((_, at) => sequence.every((byte, i) => bytes[at + i] === byte)) + sequence.length - 1
}

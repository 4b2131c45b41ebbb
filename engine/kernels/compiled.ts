/** The kernels as they are compiled (engine/kernels/assembly), once for all that use them. */
import { MODULE } from './module.js'

/** The compiled kernels over a memory; null where there is no SIMD. */
export function instantiate(memory: WebAssembly.Memory): WebAssembly.Exports | null {
  compiled ??= compile()
  return compiled === 'none' ? null : new WebAssembly.Instance(compiled, { env: { memory } }).exports
}

let compiled: WebAssembly.Module | 'none' | null = null

function compile(): WebAssembly.Module | 'none' {
  const text = atob(MODULE)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : 'none'
}

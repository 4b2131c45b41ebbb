/**
 * The loops over whole columns, in WebAssembly SIMD where there is WebAssembly and in plain TypeScript elsewhere.
 * Both are pure functions over typed arrays and give the same answers to the bit; tests hold them against each other.
 */
import type { Kernels } from './contract.js'
import { plainKernels } from './plain.js'
import { wasmKernels } from './wasm.js'

let current: Kernels | null = null

export function kernels(): Kernels {
  return current ??= wasmKernels() ?? plainKernels
}

/** For tests: both kinds must give the same answers. @throws RangeError where there is no WebAssembly with SIMD */
export function useKernels(name: Kernels['name']): void {
  const chosen = name === 'plain' ? plainKernels : wasmKernels()
  if (chosen === null) throw new RangeError('there is no WebAssembly with SIMD here')
  current = chosen
}

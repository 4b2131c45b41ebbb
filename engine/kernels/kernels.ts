/**
 * The loops over whole columns, in WebAssembly SIMD where there is WebAssembly and in plain TypeScript elsewhere.
 * Both are pure functions over typed arrays and give the same answers to the bit; tests hold them against each other.
 */
import { arenaOf, type Arena } from './arena.js'
import type { Kernels } from './contract.js'
import { plainKernels } from './plain.js'
import { wasmKernels } from './wasm.js'

let current: Kernels | null = null
/** Those that read the columns of an arena where they lie. */
const near = new WeakMap<Arena, Kernels>()

/** @param column that is read most: where it lies in an arena it is not copied */
export function kernels(column?: ArrayBufferView): Kernels {
  current ??= wasmKernels() ?? plainKernels
  if (column === undefined || current === plainKernels) return current
  const arena = arenaOf(column)
  return arena === undefined ? current : near.get(arena) ?? kernelsOf(arena)
}

function kernelsOf(arena: Arena): Kernels {
  const made = wasmKernels(arena) ?? plainKernels
  near.set(arena, made)
  return made
}

/** For tests: both kinds must give the same answers. @throws RangeError where there is no WebAssembly with SIMD */
export function useKernels(name: Kernels['name']): void {
  const chosen = name === 'plain' ? plainKernels : wasmKernels()
  if (chosen === null) throw new RangeError('there is no WebAssembly with SIMD here')
  current = chosen
}

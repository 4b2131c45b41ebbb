/**
 * The roof: how long a plain WebAssembly SIMD sum over as many bytes takes on this machine.
 * The module is put together here from its opcodes (WebAssembly core specification 2.0, binary format),
 * so that the roof depends on nothing that it is to be compared with.
 */

const PAGE = 65_536
const BLOCK = 64
/** Larger sums are scaled up from this many bytes, which no cache holds. */
const MAX_BYTES = 1 << 30
const RUNS = 7

const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body]

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
}

const name = (text: string): number[] => [text.length, ...Buffer.from(text)]
const get = (local: number): number[] => [0x20, local]
const set = (local: number): number[] => [0x21, local]
const ADD_I32X4 = [0xfd, 0xae, 0x01]
const load = (offset: number): number[] => [0xfd, 0x00, 4, ...leb(offset)]
const lane = (local: number, index: number): number[] => [...get(local), 0xfd, 0x1b, index]

/** sum(from, to): i32 of all i32s in the bytes from..to, in blocks of 64 with four accumulators. */
function sumModule(): Uint8Array<ArrayBuffer> {
  const accumulators = [2, 3, 4, 5]
  const step = accumulators.map((local, i) => [get(local), get(0), load(i * 16), ADD_I32X4, set(local)]).flat(2)
  const advance = [...get(0), 0x41, 0xc0, 0x00, 0x6a, 0x22, 0, ...get(1), 0x49, 0x0d, 0]
  const total = [...get(2), ...[3, 4, 5].map(local => [get(local), ADD_I32X4]).flat(2), ...set(2)]
  const lanes = [...lane(2, 0), ...[1, 2, 3].map(index => [lane(2, index), 0x6a]).flat(2)]
  const body = [1, 4, 0x7b, 0x03, 0x40, ...step, ...advance, 0x0b, ...total, ...lanes, 0x0b]
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]),
    ...section(2, [1, ...name('m'), ...name('m'), 2, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('sum'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body])
  ])
}

export class Roof {
  readonly #memory = new WebAssembly.Memory({ initial: 0 })
  readonly #sum: (from: number, to: number) => number

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(sumModule()), { m: { m: this.#memory } })
    this.#sum = exports['sum'] as (from: number, to: number) => number
  }

  /** The sum of a list of 32-bit integers, modulo 2^32. Its length is a multiple of 16. */
  sum(values: Int32Array): number {
    this.#reserve(values.byteLength)
    new Int32Array(this.#memory.buffer).set(values)
    return this.#sum(0, values.byteLength)
  }

  /** Milliseconds, the least of several runs, to sum up as many bytes. */
  measure(bytes: number): number {
    const size = Math.max(BLOCK, Math.floor(Math.min(bytes, MAX_BYTES) / BLOCK) * BLOCK)
    this.#reserve(size)
    // Pages that were never written are one shared page of zeros: in the cache whatever their number.
    new Uint8Array(this.#memory.buffer, 0, size).fill(1)
    let best = Infinity
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now()
      this.#sum(0, size)
      best = Math.min(best, performance.now() - started)
    }
    return best * (Math.max(bytes, BLOCK) / size)
  }

  #reserve(bytes: number): void {
    const missing = Math.ceil((bytes - this.#memory.buffer.byteLength) / PAGE)
    if (missing > 0) this.#memory.grow(missing)
  }
}

import { SessionqlError } from '../../dsl/errors.js'
import { readHll, maxSetCoupons, writeHll, type HllState } from './datasketches.js'
import { STANDARD_ERROR_FACTOR, estimateRegisters } from './estimator.js'
import { couponSetError, type HyperLogLog } from './hyperloglog.js'

const RANK_SHIFT = 26
/** That of HyperLogLog. */
const LG_K = 16
/** `btoa` takes its text in parts of this size. */
const CHUNK = 0x8000

/**
 * An HLL sketch as Apache DataSketches, Druid, Spark and BigQuery exchange it: `hyperUniqueSketch` answers one, in base64.
 * Immutable. Sketches of the same kind of values merge, whichever of these systems made them; of different precisions to the lower one.
 */
export class HllSketch {
  readonly #state: HllState

  private constructor(state: HllState) {
    this.#state = state
  }

  /**
   * @param sketch bytes, or their base64
   * @throws SessionqlError `invalid_sketch` that says what was got and what is expected
   */
  static decode(sketch: Uint8Array | string): HllSketch {
    return new HllSketch(readHll(typeof sketch === 'string' ? fromBase64(sketch) : sketch))
  }

  /** The sketch of a counter, or of a list of distinct coupons. */
  static of(counted: Pick<HyperLogLog, 'registers' | 'coupons'> | Uint32Array): HllSketch {
    if (counted instanceof Uint32Array) return new HllSketch({ lgK: LG_K, coupons: counted.slice().sort() })
    const { registers } = counted
    return new HllSketch(registers === null ? { lgK: LG_K, coupons: counted.coupons() } : { lgK: LG_K, registers })
  }

  /** Base 2 logarithm of the number of registers, 4 to 21. */
  get lgK(): number {
    return this.#state.lgK
  }

  /** Standard deviation of the estimate over the true number. */
  get relativeStandardError(): number {
    return 'coupons' in this.#state ? couponSetError(this.#state.coupons.length) : STANDARD_ERROR_FACTOR / Math.sqrt(2 ** this.lgK)
  }

  /** Estimated number of distinct values. */
  estimate(): number {
    return 'coupons' in this.#state ? this.#state.coupons.length : estimateRegisters(this.#state.registers)
  }

  /** The sketch of the values of both. */
  merge(other: HllSketch): HllSketch {
    const lgK = Math.min(this.lgK, other.lgK)
    if ('coupons' in this.#state && 'coupons' in other.#state) {
      const coupons = Uint32Array.from(new Set([...this.#state.coupons, ...other.#state.coupons])).sort()
      if (coupons.length <= maxSetCoupons(lgK)) return new HllSketch({ lgK, coupons })
    }
    const registers = new Uint8Array(2 ** lgK)
    raise(registers, this.#state)
    raise(registers, other.#state)
    return new HllSketch({ lgK, registers })
  }

  /** Compact bytes of an HLL_8 sketch. */
  bytes(): Uint8Array {
    const state = this.#state
    if (!('coupons' in state) || state.coupons.length <= maxSetCoupons(state.lgK)) return writeHll(state)
    const registers = new Uint8Array(2 ** state.lgK)
    raise(registers, state)
    return writeHll({ lgK: state.lgK, registers })
  }

  /** The bytes as base64. */
  encode(): string {
    return toBase64(this.bytes())
  }
}

/** Takes the ranks of a sketch of at least as many registers in. */
function raise(registers: Uint8Array, state: HllState): void {
  const mask = registers.length - 1
  const put = (slot: number, rank: number): void => {
    if (registers[slot & mask] < rank) registers[slot & mask] = rank
  }
  if ('coupons' in state) for (const coupon of state.coupons) put(coupon, coupon >>> RANK_SHIFT)
  else state.registers.forEach((rank, slot) => put(slot, rank))
}

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(text)
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), char => char.charCodeAt(0))
  } catch {
    throw new SessionqlError('invalid_sketch', 'The text of the HLL sketch is not base64.')
  }
}

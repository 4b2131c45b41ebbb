import { kernels } from '../kernels/kernels.js'
import { estimateRegisters } from './estimator.js'
import { MAX_COUPONS, REGISTERS } from './hyperloglog.js'

const NOWHERE = new Uint32Array(0)

/** Counts distinct coupons of one run after another by the rules of HyperLogLog, in registers that are made once. */
export class RunSketch {
  /** Made with the first run of more than a list may hold. */
  private registers = new Uint8Array(0)
  /** The count of the last run is an estimate from registers. */
  isEstimate = false

  get bytes(): number {
    return this.registers.byteLength
  }

  /** Number of distinct coupons[from, to), 0 left out. */
  count(coupons: Uint32Array, from: number, to: number): number {
    this.isEstimate = false
    if (to - from <= MAX_COUPONS) return kernels().distinct(coupons, from, to, MAX_COUPONS, NOWHERE)
    if (this.registers.length === 0) this.registers = new Uint8Array(REGISTERS)
    // Every filled register is a coupon; only where they are few must the coupons themselves be counted.
    if (kernels().startRegisters(this.registers, coupons, from, to) <= MAX_COUPONS) {
      const count = kernels().distinct(coupons, from, to, MAX_COUPONS, NOWHERE)
      if (count <= MAX_COUPONS) return count
    }
    this.isEstimate = true
    return estimateRegisters(this.registers)
  }
}

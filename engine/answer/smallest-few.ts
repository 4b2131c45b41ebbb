/** The few smallest of very many numbers, which come a block at a time. */
import { nthSmallest } from './order.js'

/** Kept beyond those that are wanted, before they are looked over: that is then seldom. */
const SPARE = 8192

export class SmallestFew {
  private readonly few: number
  /** What is kept so far: who, and the number of each. Larger ones than `most` need not be. */
  private who: Uint32Array<ArrayBuffer>
  private keys: Float64Array<ArrayBuffer>
  private count = 0
  private most = Infinity

  /** @param few how many are wanted. */
  constructor(few: number) {
    this.few = few
    this.who = new Uint32Array(few + SPARE)
    this.keys = new Float64Array(few + SPARE)
  }

  /** Larger numbers are not among them. */
  get bound(): number {
    return this.most
  }

  /** keys[i] is of who[i], i below n. In steps. */
  *offer(who: Int32Array, keys: Float64Array, n: number): Generator<void, void, void> {
    if (this.count + n > this.who.length) yield* this.makeRoom(n)
    const { who: kept, keys: keptKeys, most } = this
    let at = this.count
    for (let i = 0; i < n; i++) {
      if (keys[i] > most) continue
      kept[at] = who[i]
      keptKeys[at++] = keys[i]
    }
    this.count = at
  }

  /** Who are the few smallest, and who ties with the largest of them, in the order they came. In steps. */
  *all(): Generator<void, Uint32Array, void> {
    yield* this.drop()
    return this.who.slice(0, this.count)
  }

  private *makeRoom(n: number): Generator<void, void, void> {
    yield* this.drop()
    // Many may tie.
    if (this.count + n <= this.who.length / 2) return
    const length = 2 * (this.count + n)
    const who = new Uint32Array(length)
    const keys = new Float64Array(length)
    who.set(this.who.subarray(0, this.count))
    keys.set(this.keys.subarray(0, this.count))
    this.who = who
    this.keys = keys
  }

  private *drop(): Generator<void, void, void> {
    const { who, keys, count, few } = this
    if (count <= few) return
    const most = yield* nthSmallest(keys.slice(0, count), few - 1)
    let at = 0
    for (let i = 0; i < count; i++) {
      if (keys[i] > most) continue
      who[at] = who[i]
      keys[at++] = keys[i]
    }
    this.most = most
    this.count = at
  }
}

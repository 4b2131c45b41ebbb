/** Keys of the last two batches: of overlapping windows only neighbours share sessions. */
export class RecentKeys {
  #before = new Set<string>()
  #last = new Set<string>()

  /** How many of these were there already. */
  add(keys: readonly string[]): number {
    const next = new Set(keys)
    const again = [...next].filter(key => this.#before.has(key) || this.#last.has(key)).length
    if (next.size > 0) [this.#before, this.#last] = [this.#last, next]
    return again + keys.length - next.size
  }
}

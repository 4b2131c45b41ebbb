/** The loops over pairs in WebAssembly, over a memory of their own: few queries need it, and it is larger than that of the others. */
import { instantiate } from './compiled.js'
import { MAX_PARTITIONED, MAX_RANGES, MAX_RUN, MAX_SORTED_PAIRS } from './contract.js'

const PAGE = 65_536
const WORD = 4

/** The scratch memory, in bytes. */
const ENDS = 0
const INPUT = ENDS + MAX_RANGES * WORD
/** Of a partition: groups, items and pairs; of a sort: pairs and items. */
const ITEMS = INPUT + MAX_PARTITIONED * WORD
const PARTITIONED = ITEMS + MAX_PARTITIONED * WORD
const SORTED = INPUT + MAX_SORTED_PAIRS * 2 * WORD
/** Of a count: what is distinct in each group takes the place of its pairs, places of the longest run lie behind the items. */
const COUNTS = INPUT
const PLACES = SORTED + MAX_SORTED_PAIRS * WORD
const PAGES = Math.ceil((PLACES + MAX_RUN * 2 * WORD) / PAGE)

interface Exports {
  partitionPairs(groups: number, items: number, n: number, shift: number, ranges: number, ends: number, pairs: number): void
  partitionGroups(groups: number, n: number, shift: number, ranges: number, ends: number, out: number): void
  sortPairs(pairs: number, n: number, mask: number, ends: number, items: number): void
  distinctRuns(items: number, ends: number, runs: number, from: number, table: number, counts: number): void
}

export class WasmPairs {
  private readonly run: Exports
  private readonly words: Uint32Array

  constructor() {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES })
    this.run = instantiate(memory) as unknown as Exports
    this.words = new Uint32Array(memory.buffer)
  }

  partition(groups: Uint32Array, items: Uint32Array, n: number, shift: number, pairs: Uint32Array, ends: Uint32Array): void {
    const { words } = this
    words.set(groups.subarray(0, n), INPUT / WORD)
    words.set(items.subarray(0, n), ITEMS / WORD)
    this.run.partitionPairs(INPUT, ITEMS, n, shift, ends.length, ENDS, PARTITIONED)
    pairs.set(words.subarray(PARTITIONED / WORD, PARTITIONED / WORD + 2 * n))
    this.readEnds(ends, 2 * WORD)
  }

  partitionGroups(groups: Uint32Array, n: number, shift: number, out: Uint32Array, ends: Uint32Array): void {
    const { words } = this
    words.set(groups.subarray(0, n), INPUT / WORD)
    this.run.partitionGroups(INPUT, n, shift, ends.length, ENDS, PARTITIONED)
    out.set(words.subarray(PARTITIONED / WORD, PARTITIONED / WORD + n))
    this.readEnds(ends, WORD)
  }

  sort(parts: readonly Uint32Array[], shift: number, items: Uint32Array, ends: Uint32Array): void {
    const n = this.sortStaged(parts, shift, ends)
    items.set(this.words.subarray(SORTED / WORD, SORTED / WORD + n))
  }

  count(parts: readonly Uint32Array[], shift: number, items: Uint32Array, ends: Uint32Array, counts: Uint32Array): void {
    const { words } = this
    this.sortStaged(parts, shift, ends)
    const groups = 2 ** shift
    for (let group = 0, from = 0; group < groups;) {
      const first = group
      let to = from
      while (group < groups && ends[group] - to <= MAX_RUN) to = ends[group++]
      if (group > first) this.run.distinctRuns(SORTED + from * WORD, ENDS + first * WORD, group - first, from, PLACES, COUNTS + first * WORD)
      from = to
      if (group === groups) break
      to = ends[group++]
      items.set(words.subarray(SORTED / WORD + from, SORTED / WORD + to), from)
      from = to
    }
    counts.set(words.subarray(COUNTS / WORD, COUNTS / WORD + groups))
  }

  /** Returns how many pairs there are. */
  private sortStaged(parts: readonly Uint32Array[], shift: number, ends: Uint32Array): number {
    const { words } = this
    const groups = 2 ** shift
    let length = 0
    for (const pairs of parts) {
      words.set(pairs, INPUT / WORD + length)
      length += pairs.length
    }
    this.run.sortPairs(INPUT, length / 2, groups - 1, ENDS, SORTED)
    ends.set(words.subarray(ENDS / WORD, ENDS / WORD + groups))
    return length / 2
  }

  /** Addresses as numbers of elements of so many bytes. */
  private readEnds(ends: Uint32Array, bytes: number): void {
    for (let range = 0; range < ends.length; range++) ends[range] = (this.words[ENDS / WORD + range] - PARTITIONED) / bytes
  }
}

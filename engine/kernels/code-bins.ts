/**
 * Counts values by their bin (engine/sketch/histogram.ts) and the group of their row, which a byte says, in WebAssembly memory of its own;
 * with the least value of each group, the largest one and whether any is not whole.
 */
import { instantiate } from './compiled.js'
import { copyIn } from './copy.js'

const PAGE = 65_536
/** Values that go at a time. */
const BLOCK = 16_384
const MOST_GROUPS = 256
const VALUES = 0
/** A code may begin anywhere in a word. */
const CODES = VALUES + BLOCK * 8
const RANGES = CODES + BLOCK + 8
/** Of a group: the least value, the largest, and a word that is 1 where one is not whole. */
const RANGE_BYTES = 24
const COUNTS = RANGES + MOST_GROUPS * RANGE_BYTES
/** Counters that stay in the cache beside what is read. */
const MOST_COUNTERS = 2 ** 17
const PAGES = Math.ceil((COUNTS + MOST_COUNTERS * 4) / PAGE)

interface Exports {
  countBins(codes: number, values: number, n: number, lowest: number, bins: number, ranges: number, counts: number): number
}

/** What the values of some groups came to, group by group. */
export interface GroupBins {
  readonly least: Float64Array
  readonly largest: Float64Array
  /** Not 0 where a value is not whole. */
  readonly fractional: Uint32Array
  /** counts[group · stride + bin − lowest]. */
  readonly counts: Uint32Array
}

let spare: CodeBins | null = null

export class CodeBins {
  private readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES })
  private readonly run = instantiate(this.memory) as unknown as Exports
  private readonly memoryBytes = new Uint8Array(this.memory.buffer)
  private readonly words = new Uint32Array(this.memory.buffer)
  private readonly doubles = new Float64Array(this.memory.buffer)
  private lowest = 0
  private bins = 0
  private groups = 0

  /** Nothing is counted. */
  static take(): CodeBins {
    const bins = spare ?? new CodeBins()
    spare = null
    return bins
  }

  /** They are not to be used any more. */
  static giveBack(bins: CodeBins): void {
    spare = bins
  }

  /** Whether there are counters for so many groups and bins. */
  static fits(groups: number, bins: number): boolean {
    return groups <= MOST_GROUPS && groups * bins <= MOST_COUNTERS
  }

  get bytes(): number {
    return this.memoryBytes.length
  }

  /** For groups below `groups` and `bins` bins from the lowest on, which must fit; what was counted before was moved. */
  open(groups: number, lowest: number, bins: number): void {
    this.groups = groups
    this.lowest = lowest
    this.bins = bins
    this.words.fill(0, COUNTS / 4, COUNTS / 4 + groups * bins)
    for (let group = 0, at = RANGES / 8; group < groups; group++, at += RANGE_BYTES / 8) {
      this.doubles[at] = Infinity
      this.doubles[at + 1] = -Infinity
      this.doubles[at + 2] = 0
    }
  }

  /** Counts the values of rows [from, from + n), which have the groups codes[row], up to one whose bin has no counter; returns how many that are. */
  add(codes: Uint8Array, values: Float64Array, from: number, n: number): number {
    for (let at = 0; at < n; at += BLOCK) {
      const first = from + at
      const length = Math.min(BLOCK, n - at)
      const part = codes.subarray(first, first + length)
      const place = CODES + part.byteOffset % 8
      copyIn(part, this.memoryBytes, this.memoryBytes, place)
      copyIn(values.subarray(first, first + length), this.doubles, this.memoryBytes, VALUES)
      const counted = this.run.countBins(place, VALUES, length, this.lowest, this.bins, RANGES, COUNTS)
      if (counted < length) return at + counted
    }
    return n
  }

  /** Adds what was counted to groups `first` and the next ones, whose bins begin with the lowest as well. It must be opened then. */
  moveInto({ least, largest, fractional, counts }: GroupBins, stride: number, first: number): void {
    const { groups, bins, doubles, words } = this
    for (let group = 0, at = RANGES / 8; group < groups; group++, at += RANGE_BYTES / 8) {
      const into = first + group
      if (doubles[at] < least[into]) least[into] = doubles[at]
      if (doubles[at + 1] > largest[into]) largest[into] = doubles[at + 1]
      if (words[(at + 2) * 2] !== 0) fractional[into] = 1
    }
    for (let group = 0; group < groups; group++) addTo(counts, (first + group) * stride, words, COUNTS / 4 + group * bins, bins)
    this.groups = 0
  }
}

// A loop that stands alone is compiled whole.
function addTo(sums: Uint32Array, to: number, parts: Uint32Array, from: number, n: number): void {
  for (let i = 0; i < n; i++) sums[to + i] += parts[from + i]
}

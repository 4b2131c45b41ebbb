import type { StringsColumn } from '../../column/column.js'
import type { Dictionary } from '../../column/dictionary.js'
import { compareCodePoints } from '../../compare.js'
import type { ColumnReader } from '../../filter/filter.js'
import type { Rows } from '../../kernels/select.js'
import { computedValues, type DimensionValues } from '../dimension-values.js'
import { stretches } from '../../steps.js'
import { PairTable, type GatheredPairs } from '../pair-table.js'
import type { Keys } from './keys.js'

/** No array before the first element. */
const ROOT = 0xffff_ffff
/** Shorter arrays are sorted by insertion. */
const SHORT = 16

/**
 * An array as one value: the set of its elements, printed as the JSON text of their sorted list.
 * The codes of a set, ascending, are a path in a tree; its last node is the key.
 */
export class WholeKeys implements Keys {
  readonly values: DimensionValues
  readonly array = null
  readonly codes = null
  readonly plain = true
  private readonly dimension: string
  private readonly nodes = new PairTable()
  private readonly texts: (string | undefined)[] = []
  private column: StringsColumn | null = null
  private sorted = new Uint32Array(64)

  constructor(dimension: string, dictionary: Dictionary) {
    this.dimension = dimension
    this.values = computedValues(key => key === 0 ? null : this.texts[key] ??= this.text(key, dictionary))
  }

  get bytes(): number {
    return this.nodes.bytes + this.sorted.byteLength
  }

  bind(reader: ColumnReader): void {
    const column = reader.column(this.dimension)
    if (column.type !== 'strings') throw new TypeError(`${this.dimension} is not an array column`)
    this.column = column
  }

  keyOf(code: number): number {
    return code
  }

  read(rows: Rows, from: number, n: number, into: Uint32Array): void {
    const { offsets } = this.column!
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      into[i] = this.node(offsets[row], offsets[row + 1])
    }
  }

  handOver(): GatheredPairs {
    return this.nodes.handOver()
  }

  /** A node comes after the one that leads to it. */
  *takeOver(values: unknown): Generator<void, Uint32Array, void> {
    const { a, b } = values as GatheredPairs
    const keyOf = new Uint32Array(a.length + 1)
    for (const [from, to] of stretches(a.length)) {
      for (let node = from; node < to; node++) keyOf[node + 1] = this.nodes.id(a[node] === ROOT ? ROOT : keyOf[a[node] + 1] - 1, b[node]) + 1
      yield
    }
    return keyOf
  }

  private node(first: number, end: number): number {
    const { nodes, column } = this
    const length = end - first
    if (length === 0) return 0
    if (length === 1) return nodes.id(ROOT, column!.codes[first]) + 1
    if (this.sorted.length < length) this.sorted = new Uint32Array(length * 2)
    const { sorted } = this
    for (let i = 0; i < length; i++) sorted[i] = column!.codes[first + i]
    sort(sorted, length)
    let node = ROOT
    for (let i = 0; i < length; i++) node = nodes.id(node, sorted[i])
    return node + 1
  }

  private text(key: number, dictionary: Dictionary): string {
    const elements: string[] = []
    for (let node = key - 1; node !== ROOT; node = this.nodes.keysA[node]) elements.push(dictionary.decode(this.nodes.keysB[node]))
    return JSON.stringify(elements.sort(compareCodePoints))
  }
}

function sort(codes: Uint32Array, length: number): void {
  if (length > SHORT) {
    codes.subarray(0, length).sort()
    return
  }
  for (let i = 1; i < length; i++) {
    const code = codes[i]
    let at = i
    for (; at > 0 && codes[at - 1] > code; at--) codes[at] = codes[at - 1]
    codes[at] = code
  }
}

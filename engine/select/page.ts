/**
 * The first few of many sessions in the order of start, source and session_id, or in its opposite.
 * Never holds more than twice as many as are wanted.
 */
import type { Dictionary } from '../column/dictionary.js'

/** Sessions are put in order each time as many have come again, but not at every single one. */
const MIN_SPARE = 256

export class Page {
  private readonly wanted: number
  private readonly sign: 1 | -1
  private readonly sourceTexts: Dictionary
  private readonly idTexts: Dictionary
  private readonly starts: Float64Array
  private readonly sources: Uint32Array
  private readonly ids: Uint32Array
  private readonly parts: Uint32Array
  private readonly rows: Uint32Array
  private count = 0
  /** Held sessions from here on have not been put in order. */
  private sorted = 0

  constructor(wanted: number, descending: boolean, sourceTexts: Dictionary, idTexts: Dictionary) {
    const capacity = Page.capacity(wanted)
    this.wanted = wanted
    this.sign = descending ? -1 : 1
    this.sourceTexts = sourceTexts
    this.idTexts = idTexts
    this.starts = new Float64Array(capacity)
    this.sources = new Uint32Array(capacity)
    this.ids = new Uint32Array(capacity)
    this.parts = new Uint32Array(capacity)
    this.rows = new Uint32Array(capacity)
  }

  /** Bytes of a page of so many sessions. */
  static bytes(wanted: number): number {
    return Page.capacity(wanted) * 24
  }

  private static capacity(wanted: number): number {
    return wanted + Math.max(wanted, MIN_SPARE)
  }

  /** Whether no session that starts then, or further on in the order, can be among those wanted. */
  isPast(start: number): boolean {
    return this.sorted === this.wanted && (start - this.starts[this.wanted - 1]) * this.sign > 0
  }

  /** Takes a session, given by its start and the codes of its source and session_id; `part` and `row` say where it is. */
  offer(start: number, source: number, id: number, part: number, row: number): void {
    const at = this.count
    this.starts[at] = start
    this.sources[at] = source
    this.ids[at] = id
    this.parts[at] = part
    this.rows[at] = row
    if (this.sorted === this.wanted && this.compare(at, this.wanted - 1) > 0) return
    this.count++
    if (this.count === this.starts.length) this.settle()
  }

  /** The wanted sessions in order, as many as there are. Places are good until the next `offer`. */
  settle(): number {
    const order = Uint32Array.from({ length: this.count }, (_, i) => i).sort((a, b) => this.compare(a, b))
    this.count = Math.min(this.count, this.wanted)
    const kept = order.subarray(0, this.count)
    for (const column of [this.starts, this.sources, this.ids, this.parts, this.rows]) {
      const values = column.slice()
      for (let i = 0; i < kept.length; i++) column[i] = values[kept[i]]
    }
    this.sorted = this.count
    return this.count
  }

  start(place: number): number { return this.starts[place] }
  source(place: number): string { return this.sourceTexts.decode(this.sources[place]) }
  id(place: number): string { return this.idTexts.decode(this.ids[place]) }
  part(place: number): number { return this.parts[place] }
  row(place: number): number { return this.rows[place] }

  private compare(a: number, b: number): number {
    return this.sign * (this.starts[a] - this.starts[b]
      || this.sourceTexts.compare(this.sources[a], this.sources[b])
      || this.idTexts.compare(this.ids[a], this.ids[b]))
  }
}

/**
 * Where the session with a key (`source`, `session_id`) is. Session ids rarely meet across sources, so the row of an id
 * is one array entry by its code; only an id that a second source uses too goes into a table of pairs.
 */
import { PairTable } from '../group/pair-table.js'

/** Rows of a segment are addressed with 17 bits, segments with the other 15. */
export const ROW_BITS = 17
export const MAX_SEGMENT_ROWS = 1 << ROW_BITS
/** Slot 0 is the head. One less than fits, because a reference is stored plus one. */
export const MAX_SLOTS = (1 << (32 - ROW_BITS)) - 1

export function reference(slot: number, row: number): number {
  return slot * MAX_SEGMENT_ROWS + row
}

export function slotOf(ref: number): number {
  return ref >>> ROW_BITS
}

export function rowOf(ref: number): number {
  return ref & (MAX_SEGMENT_ROWS - 1)
}

/** In the place of a reference plus one: the row has gone. */
const GONE = 0xffffffff

const FIRST_IDS = 1024

export class KeyIndex {
  /** By code of the session id: reference + 1. */
  private refs: Uint32Array
  /** By code of the session id: the source that `refs` speaks of. */
  private sources: Uint16Array
  private readonly others = new PairTable()
  private otherRefs = new Uint32Array(256)

  /** With room for the codes of so many session ids. */
  constructor(ids = FIRST_IDS) {
    this.refs = new Uint32Array(ids)
    this.sources = new Uint16Array(ids)
  }

  get bytes(): number {
    return this.refs.byteLength + this.sources.byteLength + this.others.bytes + this.otherRefs.byteLength
  }

  /** Reference of the row with this key, or -1. */
  get(source: number, id: number): number {
    if (id >= this.refs.length || this.refs[id] === 0) return -1
    const other = this.sources[id] === source ? -1 : this.others.find(source, id)
    const stored = this.sources[id] === source ? this.refs[id] : other < 0 ? 0 : this.otherRefs[other]
    return stored === 0 || stored === GONE ? -1 : stored - 1
  }

  /** The row of this key has gone, if `ref` is still where it was. */
  remove(source: number, id: number, ref: number): void {
    if (this.get(source, id) === ref) this.set(source, id, GONE - 1)
  }

  set(source: number, id: number, ref: number): void {
    if (id >= this.refs.length) this.grow(id + 1)
    if (this.refs[id] === 0) this.sources[id] = source
    if (this.sources[id] === source) {
      this.refs[id] = ref + 1
      return
    }
    const other = this.others.id(source, id)
    if (other >= this.otherRefs.length) {
      const larger = new Uint32Array(this.otherRefs.length * 2)
      larger.set(this.otherRefs)
      this.otherRefs = larger
    }
    this.otherRefs[other] = ref + 1
  }

  private grow(atLeast: number): void {
    const length = Math.max(atLeast, this.refs.length + (this.refs.length >>> 1))
    const refs = new Uint32Array(length)
    refs.set(this.refs)
    this.refs = refs
    const sources = new Uint16Array(length)
    sources.set(this.sources)
    this.sources = sources
  }
}

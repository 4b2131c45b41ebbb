/** The flatbuffer of an Arrow message (Message.fbs, Schema.fbs), as far as it frames one: lengths that lie are found here. */

export const SCHEMA = 1
export const DICTIONARY = 2
export const RECORDS = 3

/** Fields nested deeper than this are no session's. */
const MAX_DEPTH = 64
const NODE_BYTES = 16
const BUFFER_BYTES = 16

export interface ArrowMetadata {
  /** SCHEMA, DICTIONARY, RECORDS, or another that carries no sessions. */
  readonly kind: number
  readonly bodyLength: number
  /** Of a dictionary: which one, and whether it goes on with the one before. */
  readonly dictionary: { readonly id: bigint, readonly isDelta: boolean } | null
}

/** Throws RangeError for what is no such flatbuffer. */
export function parseMetadata(bytes: Uint8Array): ArrowMetadata {
  const message = rootOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.length))
  const kind = message.byte(1)
  const bodyLength = Number(message.long(3))
  const header = message.table(2)
  if (header === null) return { kind: 0, bodyLength, dictionary: null }
  if (kind === SCHEMA) checkFields(header, 1, 0)
  if (kind === RECORDS) checkBatch(header)
  if (kind !== DICTIONARY) return { kind, bodyLength, dictionary: null }
  const data = header.table(1)
  if (data !== null) checkBatch(data)
  return { kind, bodyLength, dictionary: { id: header.long(0), isDelta: header.byte(2) !== 0 } }
}

/** RecordBatch { length, nodes, buffers, compression, variadicBufferCounts } */
function checkBatch(batch: Table): void {
  batch.vector(1, NODE_BYTES)
  batch.vector(2, BUFFER_BYTES)
  batch.vector(4, 8)
}

/** Schema { endianness, fields, custom_metadata, features } and Field { name, nullable, type_type, type, dictionary, children, custom_metadata } */
function checkFields(owner: Table, index: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError(`fields nested deeper than ${MAX_DEPTH} levels`)
  owner.vector(index + 1, 4)
  for (const field of owner.tables(index)) {
    field.vector(0, 1)
    checkFields(field, 5, depth + 1)
  }
}

/** A table of a flatbuffer; a field that is not there has its default. */
interface Table {
  byte(index: number): number
  long(index: number): bigint
  table(index: number): Table | null
  tables(index: number): Table[]
  /** Checks that a vector or text of items of `itemBytes` lies inside. @returns where its items begin, and how many there are */
  vector(index: number, itemBytes: number): { readonly at: number, readonly count: number }
}

function rootOf(view: DataView): Table {
  return tableAt(view, view.getUint32(0, true))
}

function tableAt(view: DataView, table: number): Table {
  const slots = table - view.getInt32(table, true)
  const slotBytes = view.getUint16(slots, true)
  const field = (index: number): number => {
    const slot = 4 + 2 * index
    const at = slot < slotBytes ? view.getUint16(slots + slot, true) : 0
    return at === 0 ? 0 : table + at
  }
  const target = (at: number): number => at + view.getUint32(at, true)
  const vector = (index: number, itemBytes: number): { at: number, count: number } => {
    const at = field(index)
    if (at === 0) return { at: 0, count: 0 }
    const start = target(at)
    const count = view.getUint32(start, true)
    if (start + 4 + count * itemBytes > view.byteLength) throw new RangeError(`${count} items at ${start} of ${view.byteLength} bytes`)
    return { at: start + 4, count }
  }
  return {
    vector,
    byte: index => field(index) === 0 ? 0 : view.getUint8(field(index)),
    long: index => field(index) === 0 ? 0n : view.getBigInt64(field(index), true),
    table: index => field(index) === 0 ? null : tableAt(view, target(field(index))),
    tables(index) {
      const { at, count } = vector(index, 4)
      return Array.from({ length: count }, (_, i) => tableAt(view, target(at + 4 * i)))
    }
  }
}

/** What a worker thread does for a load: scans pieces of a block of lines ahead of the thread of the table, as far as it need not know the table. */
import { INPUT, lineKernel, type FormField, type LineKernel } from './line-kernel.js'
import { readNews, type PostedNews } from './news.js'
import { ParcelWriter } from './parcel.js'
import { firstOf, Pieces } from './pieces.js'

/** What lines look like. */
export interface LineForm {
  /** Of no other form that the thread of the table gave to its kernel. */
  readonly key: number
  readonly fields: readonly FormField[]
  /** One blank stands behind each comma and colon. */
  readonly spaced: boolean
  /** Of the hashes of the thread of the table. */
  readonly seed: number
}

/** A block of lines in pieces. */
export interface LinesJob {
  readonly kind: 'lines'
  /** null where it is that of the last job. */
  readonly form: LineForm | null
  readonly bytes: SharedArrayBuffer
  /** Of the pieces, each before a line feed or where the lines end. */
  readonly ends: Uint32Array
  readonly pieces: SharedArrayBuffer
  /** Number of the block (pieces.ts). */
  readonly block: number
  /** Where the piece of the same number goes (parcel.ts). */
  readonly parcels: SharedArrayBuffer
  /** Texts that are known since the last block. */
  readonly news: PostedNews
}

export class AheadScanner {
  private form: LineForm | null = null

  scan({ form, bytes, ends, pieces: buffer, block, parcels, news }: LinesJob): void {
    const kernel = lineKernel()
    this.form = form ?? this.form
    if (kernel === null || this.form === null) return
    const { fields, spaced, seed } = this.form
    if (form !== null || !kernel.isOf(this)) kernel.setForm(this, fields, spaced, seed)
    readNews(news, kernel)
    const input = new Uint8Array(bytes)
    const pieces = new Pieces(buffer, block)
    for (const [piece, end] of ends.entries()) {
      if (!pieces.take(piece)) continue
      try {
        scanPiece(kernel, input, firstOf(ends, piece), end, new ParcelWriter(parcels, piece, fields))
      } finally {
        pieces.made(piece)
      }
    }
  }
}

/** Scans the lines input[from, end) up to the first that has another form, or for which there is no room. */
export function scanPiece(kernel: LineKernel, input: Uint8Array, from: number, end: number, parcel: ParcelWriter): void {
  let at = from
  while (at < end) {
    const filled = kernel.fill(input, at, end)
    const begin = at
    for (const stop = at + filled; at < stop;) {
      const rows = kernel.scan(at - begin, filled)
      if (rows === 0) return
      const next = at + kernel.taken
      if (!parcel.add(rows, next, kernel.fields, INPUT - begin)) return
      at = next
    }
    if (filled === 0) return
  }
}

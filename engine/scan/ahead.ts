/**
 * Lines that worker threads scan ahead of the thread of the table. A block is cut in pieces; a thread that comes to a piece first scans it,
 * and what workers scanned is put into the table in the order of the lines, so that codes and rows are what they are with one thread.
 */
import type { Workers, Member } from '../parallel/workers.js'
import { copyIn } from '../kernels/copy.js'
import type { LineKernel } from './line-kernel.js'
import { News, type PostedNews } from './news.js'
import { ParcelReader, ParcelWriter, type ScannedRun } from './parcel.js'
import { endsOf, firstOf, PARCEL_BYTES, PIECE_BYTES, Pieces } from './pieces.js'
import { scanPiece, type LineForm, type LinesJob } from './scan-ahead.js'

/** Of a block; what is behind them is scanned by the thread of the table. */
const MOST_PIECES = 32
/** The thread of the table waits so long for a worker that has a piece, and then scans it itself. */
const PATIENCE_MS = 4
/** Where it is told to wait. */
const LONG_MS = 10_000

/** The kernel of the thread of the table, if it still scans lines of the form; its input is then another one. */
export type Helper = () => LineKernel | null

/** Memory that threads share, for one block after the other. */
interface Room {
  readonly bytes: SharedArrayBuffer
  readonly pieces: Pieces
  readonly parcels: SharedArrayBuffer
}

export class Ahead {
  /** Texts that the kernel came to know since the workers were told. */
  readonly news = new News()
  private readonly workers: Pick<Workers, 'enlist' | 'sharing'>
  private readonly pieceBytes: number
  private room: Room | null = null
  /** Workers that were told of what is known of the form with the key. */
  private readonly told = new Set<Member>()
  private key = 0

  /** @param pieceBytes of a piece, about */
  constructor(workers: Pick<Workers, 'enlist' | 'sharing'>, pieceBytes = PIECE_BYTES) {
    this.workers = workers
    this.pieceBytes = pieceBytes
  }

  /** Hands a block of lines over; null where that does not pay, or no worker is there yet. @param kernel was told the form */
  begin(bytes: Uint8Array, form: LineForm, kernel: LineKernel, helper: Helper): LinesAhead | null {
    const members = this.workers.enlist(bytes.length)
    if (members.length === 0) return null
    if (this.key !== form.key) this.told.clear()
    this.key = form.key
    const ends = endsOf(bytes, this.pieceBytes, MOST_PIECES)
    const length = ends[ends.length - 1]
    const room = this.room = fits(this.room, length, ends.length) ? this.room : newRoom(length, ends.length)
    const shared = new Uint8Array(room.bytes)
    copyIn(bytes.subarray(0, length), shared, shared, 0)
    const block = room.pieces.begin(ends.length)
    const ahead = new LinesAhead(room, bytes, ends, form, helper, this.workers.sharing.waits)
    const news = this.news.take()
    let known: PostedNews | null = null
    const job = { kind: 'lines' as const, bytes: room.bytes, ends, pieces: room.pieces.buffer, block, parcels: room.parcels }
    for (const member of members) {
      const isTold = this.told.has(member)
      member.post({ ...job, form: isTold ? null : form, news: isTold ? news : known ??= kernel.known().take() } satisfies LinesJob)
      this.told.add(member)
    }
    return ahead
  }

  /** To be called for each block when the table has its lines. */
  end(ahead: LinesAhead): void {
    if (ahead.close()) return
    // A worker still writes to it.
    this.room = null
  }
}

function newRoom(bytes: number, pieces: number): Room {
  return { bytes: new SharedArrayBuffer(bytes), pieces: new Pieces(Pieces.room(pieces), 0), parcels: new SharedArrayBuffer(pieces * PARCEL_BYTES) }
}

function fits(room: Room | null, bytes: number, pieces: number): room is Room {
  return room !== null && room.bytes.byteLength >= bytes && room.parcels.byteLength >= pieces * PARCEL_BYTES
}

/** The lines of one block. */
export class LinesAhead {
  private readonly room: Room
  private readonly bytes: Uint8Array
  private readonly ends: Uint32Array
  private readonly form: LineForm
  private readonly helper: Helper
  private readonly waits: boolean
  private piece = -1
  private parcel: ParcelReader | null = null
  private run: ScannedRun | null = null

  constructor(room: Room, bytes: Uint8Array, ends: Uint32Array, form: LineForm, helper: Helper, waits: boolean) {
    this.room = room
    this.bytes = bytes
    this.ends = ends
    this.form = form
    this.helper = helper
    this.waits = waits
  }

  /** The run that begins at `from`, where a worker scanned it. Bytes come in their order. */
  runAt(from: number): ScannedRun | null {
    while (this.piece < 0 || from > this.ends[this.piece]) {
      this.piece++
      this.open()
    }
    while (this.run !== null && this.run.from < from) this.run = this.parcel!.next()
    return this.run?.from === from ? this.run : null
  }

  /** How far lines from `from` on are to be scanned by who asks: up to the next run, or the end of the piece. */
  limitOf(from: number): number {
    if (this.run !== null && this.run.from > from) return this.run.from - 1
    return this.ends[this.piece] ?? Infinity
  }

  /** Workers begin no piece any more. True where none of them is at one still. */
  close(): boolean {
    const { pieces } = this.room
    let isOver = true
    for (let piece = 0; piece < this.ends.length; piece++) if (!pieces.keep(piece) && pieces.isHeld(piece)) isOver = false
    return isOver
  }

  /** Begins a piece: it is either scanned, or from now on of the thread of the table. */
  private open(): void {
    const { piece, ends, form, room: { pieces, parcels } } = this
    this.parcel = null
    this.run = null
    if (piece >= ends.length || (!this.waits && pieces.keep(piece))) return
    while (!this.waits && !pieces.isMade(piece, 0) && this.help()) { /* better than waiting */ }
    if (!pieces.isMade(piece, this.waits ? LONG_MS : PATIENCE_MS)) return
    this.parcel = new ParcelReader(parcels, piece, firstOf(ends, piece), form.fields)
    this.run = this.parcel.next()
  }

  /** Scans the next piece that nobody has, as a worker would; false where there is none. */
  private help(): boolean {
    const { ends, form, room: { pieces, parcels } } = this
    const kernel = this.helper()
    if (kernel === null) return false
    for (let piece = this.piece + 1; piece < ends.length; piece++) {
      if (!pieces.take(piece)) continue
      scanPiece(kernel, this.bytes, firstOf(ends, piece), ends[piece], new ParcelWriter(parcels, piece, form.fields))
      pieces.made(piece)
      return true
    }
    return false
  }
}

/** Where the kernels have what they work with in a memory, in bytes: one set of areas for each thread that reads the columns of the memory. */
const PAGE = 65_536
const PAGES = 26
/** Bytes of all areas. */
export const AREAS = PAGES * PAGE

/** Bytes that are copied at once. */
export const WORD = 8

const MASK = 5 * PAGE
const TABLE = 6 * PAGE
const OUTPUT = 8 * PAGE
const PLACE_TABLE = 16 * PAGE
const INPUT = 2 * PAGE

export const OUTPUT_BYTES = PLACE_TABLE - OUTPUT
/** Bytes of the largest table over codes. */
export const MAX_TABLE = OUTPUT - TABLE
/** Runs that go at a time: their items take the input, their ends the table, their counts the output. */
export const RUN_ITEMS = ((MASK - INPUT) >>> 2) - WORD
export const RUNS = (OUTPUT - TABLE) >>> 2
/** Texts that go at a time take the input, their ends the table. A vector may be read behind them. */
export const TEXT_BYTES = MASK - INPUT - 16
export const TEXTS = (OUTPUT - TABLE) >>> 2

/** A vector or two may be written behind the end of a block. */
export class Areas {
  readonly small: number
  /** For every choice of four words the bytes of the chosen ones, in their order. */
  readonly moves: number
  /** For every byte the places of its bits, 16 bits each. */
  readonly bitPlaces: number
  readonly registers: number
  readonly input: number
  readonly mask: number
  readonly table: number
  readonly output: number
  readonly placeTable: number
  readonly found: number
  readonly places: number
  /** Group numbers take one page of the input, offsets the two behind it. */
  readonly offsets: number
  readonly outputRows: number
  /** Of runs of groups, which stay there until there are others: values or group numbers are the input. */
  readonly runPlaces: number
  readonly runEnds: number
  /** Bins take two pages of the output, and so do the least and the largest values. */
  readonly least: number
  readonly largest: number
  readonly fractional: number

  /** @param base where they begin: a multiple of a page */
  constructor(base: number) {
    this.small = base
    this.moves = base + PAGE / 4
    this.bitPlaces = base + PAGE / 2
    this.registers = base + PAGE
    this.input = base + INPUT
    this.offsets = this.input + PAGE
    this.mask = base + MASK
    this.table = base + TABLE
    this.output = base + OUTPUT
    this.outputRows = this.output + OUTPUT_BYTES / 2
    this.least = this.output + 2 * PAGE
    this.largest = this.output + 4 * PAGE
    this.fractional = this.output + 6 * PAGE
    this.placeTable = base + PLACE_TABLE
    this.found = base + 20 * PAGE
    this.places = base + 22 * PAGE
    this.runEnds = base + 24 * PAGE
    // Last, for a few more places are written behind a page of them.
    this.runPlaces = this.runEnds + PAGE / 2
  }
}

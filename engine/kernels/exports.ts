/** What the compiled kernels (engine/kernels/assembly) offer to wasm.ts; all numbers but lengths and values are addresses in bytes. */
export interface Exports {
  explode8(ids: number, offsets: number, items: number, first: number, from: number, n: number, size: number, outIds: number, outRows: number): number
  explode16(ids: number, offsets: number, items: number, first: number, from: number, n: number, size: number, outIds: number, outRows: number): number
  sortGroups(ids: number, n: number, mostSpan: number, least: number, counts: number, groups: number, ends: number, places: number): number
  sortBytes(codes: number, n: number, base: number, least: number, counts: number, groups: number, ends: number, places: number): number
  countBytes(codes: number, n: number, tables: number): void
  countPairsOfBytes(codes: number, n: number, tables: number): void
  addPairs(tables: number, counts: number): void
  countRepeats(numbers: number, n: number): number
  touch(place: number, bytes: number): number
  pickItems(items: number, places: number, n: number, out: number): void
  sumRunsPlain(values: number, places: number, ends: number, runs: number, out: number): void
  sumRunsTwoPieces(values: number, places: number, ends: number, runs: number, magic: number, out: number): void
  sumRunsThreePieces(values: number, places: number, ends: number, runs: number, magicHigh: number, magicMiddle: number, out: number): void
  binRuns(
    values: number, places: number, ends: number, runs: number, bins: number, least: number, largest: number, fractional: number, range: number
  ): void
  equal8(codes: number, code: number, n: number, mask: number): void
  equal16(codes: number, code: number, n: number, mask: number): void
  equal32(codes: number, code: number, n: number, mask: number): void
  lookUpFew(codes: number, table: number, n: number, mask: number): void
  lookUp8(codes: number, table: number, n: number, mask: number): void
  lookUp16(codes: number, table: number, n: number, mask: number): void
  inRange(values: number, low: number, high: number, n: number, mask: number): void
  anyItem8(offsets: number, items: number, first: number, table: number, missing: number, n: number, mask: number): void
  itemEqual8(offsets: number, items: number, first: number, code: number, n: number, mask: number): void
  andMasks(mask: number, other: number, n: number): number
  orMasks(mask: number, other: number, n: number): void
  compact(mask: number, from: number, n: number, rows: number, places: number): number
  combine8(ids: number, codes: number, n: number, size: number): void
  combine16(ids: number, codes: number, n: number, size: number): void
  clear(place: number, bytes: number): void
  raiseRegisters(registers: number, coupons: number, n: number): void
  keepAbove(coupons: number, n: number, least: number, moves: number, kept: number): number
  leastRegister(registers: number): number
  joinRegisters(registers: number, others: number): void
  countFilled(registers: number): number
  sumRanks(registers: number, n: number, sums: number): void
  collectDistinct(values: number, n: number, table: number, shift: number, found: number, places: number, count: number, limit: number): number
  distinctRuns(items: number, ends: number, runs: number, from: number, table: number, counts: number): void
  couponsOfTexts(texts: number, first: number, ends: number, n: number, out: number): void
  couponsOfPacked(packed: number, form: number, n: number, text: number, out: number): void
  clearPlaces(table: number, places: number, count: number): void
  sumPlain(values: number, n: number, out: number): void
  sumTwoPieces(values: number, n: number, magic: number, out: number): void
  sumThreePieces(values: number, n: number, magicHigh: number, magicMiddle: number, out: number): void
}

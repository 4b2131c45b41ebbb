/**
 * The binary form of Apache DataSketches' HLL sketch, serial version 1, little-endian: `PreambleUtil` of datasketches-java
 * has the layout. Written are compact HLL_8 sketches of lgK 16, which every version since 1.0 reads; read are all kinds.
 *
 *     byte 0   1        2       3    4      5      6                  7     8 …
 *     preInts  version  family  lgK  lgArr  flags  count (or curMin)  mode  LIST coupons; SET count, coupons; HLL see below
 *
 * HLL has from byte 8 on: double hipAccum, kxq0, kxq1; int numAtCurMin, auxCount; the registers; the exceptions of HLL_4.
 */
import { SessionqlError } from '../../dsl/errors.js'

const VERSION = 1
const FAMILY = 7
const MIN_LG_K = 4
const MAX_LG_K = 21
const [LIST, SET, HLL] = [0, 1, 2]
const [HLL_4, HLL_6, HLL_8] = [0, 1, 2]
/** Ints of preamble by mode. */
const PREAMBLE = [2, 3, 10]
const EMPTY_FLAG = 4
const COMPACT_FLAG = 8
/** Says that hipAccum means nothing, so that readers estimate from the registers. */
const OUT_OF_ORDER_FLAG = 16
const LIST_START = 8
const SET_START = 12
const HLL_START = 40
/** A list has room for 8 coupons, and the eighth makes it a set. */
const LG_LIST = 3
const MAX_LIST = 7
const LG_SMALLEST_SET = 5
/** Ranks from here on are summed apart, so that neither sum of 2^-rank rounds. */
const HIGH_RANK = 32
const RANK_SHIFT = 26
/** In HLL_4: the rank is among the exceptions. */
const EXCEPTION = 15

/** A set of coupons, or registers of 2^lgK ranks. */
export type HllState =
  | { readonly lgK: number; readonly coupons: Uint32Array }
  | { readonly lgK: number; readonly registers: Uint8Array }

/** A set takes up to 3/4 of 2^(lgK − 3) places; sketches below lgK 8 have none. */
export function maxSetCoupons(lgK: number): number {
  return lgK < 8 ? MAX_LIST : 3 * 2 ** (lgK - 5)
}

/** Coupons must be distinct and no more than `maxSetCoupons`. */
export function writeHll(state: HllState): Uint8Array {
  return 'registers' in state ? writeRegisters(state.lgK, state.registers) : writeCoupons(state.lgK, state.coupons)
}

function writeCoupons(lgK: number, coupons: Uint32Array): Uint8Array {
  const n = coupons.length
  const mode = n <= MAX_LIST ? LIST : SET
  const start = mode === LIST ? LIST_START : SET_START
  const view = preamble(start + n * 4, mode, lgK)
  view.setUint8(4, mode === LIST ? LG_LIST : lgSetOf(n))
  view.setUint8(5, COMPACT_FLAG | (n === 0 ? EMPTY_FLAG : 0))
  if (mode === LIST) view.setUint8(6, n)
  else view.setUint32(8, n, true)
  for (let i = 0; i < n; i++) view.setUint32(start + i * 4, coupons[i], true)
  return new Uint8Array(view.buffer)
}

/** Places of a set at most 3/4 full, as a power of two. */
function lgSetOf(n: number): number {
  let lg = LG_SMALLEST_SET
  while (n * 4 > 3 * 2 ** lg) lg++
  return lg
}

function writeRegisters(lgK: number, registers: Uint8Array): Uint8Array {
  const view = preamble(HLL_START + registers.length, HLL, lgK)
  view.setUint8(5, COMPACT_FLAG | OUT_OF_ORDER_FLAG)
  let low = 0
  let high = 0
  let zeros = 0
  for (const rank of registers) {
    if (rank < HIGH_RANK) low += 2 ** -rank
    else high += 2 ** -rank
    if (rank === 0) zeros++
  }
  view.setFloat64(16, low, true)
  view.setFloat64(24, high, true)
  view.setUint32(32, zeros, true)
  const bytes = new Uint8Array(view.buffer)
  bytes.set(registers, HLL_START)
  return bytes
}

function preamble(length: number, mode: number, lgK: number): DataView {
  const view = new DataView(new ArrayBuffer(length))
  view.setUint8(0, PREAMBLE[mode])
  view.setUint8(1, VERSION)
  view.setUint8(2, FAMILY)
  view.setUint8(3, lgK)
  view.setUint8(7, mode | HLL_8 << 2)
  return view
}

/** @throws SessionqlError `invalid_sketch` that says what was got and what is expected */
export function readHll(bytes: Uint8Array): HllState {
  expect('bytes', bytes.length, bytes.length >= LIST_START, `at least ${LIST_START}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [preInts, version, family, lgK, lgArr, flags, count, modes] = bytes
  const mode = modes & 3
  const target = modes >> 2 & 3
  expect('family', family, family === FAMILY, `${FAMILY}, that of HLL sketches`)
  expect('serial version', version, version === VERSION, String(VERSION))
  expect('lgK', lgK, lgK >= MIN_LG_K && lgK <= MAX_LG_K, `${MIN_LG_K} to ${MAX_LG_K}`)
  expect('mode', modes, mode <= HLL && target <= HLL_8 && modes < 16, 'LIST, SET or HLL of 4, 6 or 8 bits')
  expect('preamble ints', preInts & 0x3f, (preInts & 0x3f) === PREAMBLE[mode], String(PREAMBLE[mode]))
  const compact = (flags & COMPACT_FLAG) !== 0
  if (mode === HLL) return { lgK, registers: readRegisters(view, lgK, target, compact, lgArr) }
  const start = mode === LIST ? LIST_START : SET_START
  expect('bytes', bytes.length, bytes.length >= start, `at least ${start}`)
  const n = mode === LIST ? count : view.getUint32(8, true)
  const most = mode === LIST ? MAX_LIST + 1 : 2 ** MAX_LG_K
  expect('coupons', n, n <= most, `at most ${most}`)
  expect('lgArr', lgArr, compact || lgArr <= MAX_LG_K, `at most ${MAX_LG_K}`)
  // An empty sketch may end with its preamble, compact or not.
  const places = compact || bytes.length === start ? n : 2 ** lgArr
  return { lgK, coupons: Uint32Array.from(new Set(readPairs(view, start, places, n, 'coupons'))) }
}

/** The pairs among so many places that are not free. */
function readPairs(view: DataView, start: number, places: number, n: number, what: string): number[] {
  expect('bytes', view.byteLength, view.byteLength >= start + places * 4, `at least ${start + places * 4}`)
  const pairs: number[] = []
  for (let i = 0; i < places; i++) {
    const pair = view.getUint32(start + i * 4, true)
    if (pair !== 0) pairs.push(pair)
  }
  expect(what, pairs.length, pairs.length === n, String(n))
  for (const pair of pairs) expect('rank', pair >>> RANK_SHIFT, pair >>> RANK_SHIFT > 0, 'at least 1')
  return pairs
}

function readRegisters(view: DataView, lgK: number, target: number, compact: boolean, lgArr: number): Uint8Array {
  const registers = new Uint8Array(2 ** lgK)
  const size = target === HLL_8 ? registers.length : target === HLL_6 ? registers.length * 3 / 4 + 1 : registers.length / 2
  expect('bytes', view.byteLength, view.byteLength >= HLL_START + size, `at least ${HLL_START + size}`)
  if (target === HLL_4) return readNibbles(view, registers, compact, lgArr)
  for (let slot = 0; slot < registers.length; slot++) {
    const bit = slot * 6
    const at = HLL_START + (target === HLL_8 ? slot : bit >> 3)
    registers[slot] = (target === HLL_8 ? view.getUint8(at) : view.getUint16(at, true) >> (bit & 7)) & 0x3f
  }
  return registers
}

function readNibbles(view: DataView, registers: Uint8Array, compact: boolean, lgArr: number): Uint8Array {
  const lowest = view.getUint8(6)
  const count = view.getUint32(36, true)
  expect('curMin', lowest, lowest <= 0x3f, 'at most 63')
  expect('exceptions', count, count <= registers.length, `at most ${registers.length}`)
  expect('lgArr', lgArr, lgArr <= MAX_LG_K, `at most ${MAX_LG_K}`)
  const exceptions = new Map<number, number>()
  const places = compact || count === 0 ? count : 2 ** lgArr
  const pairs = readPairs(view, HLL_START + registers.length / 2, places, count, 'exceptions')
  for (const pair of pairs) exceptions.set(pair & registers.length - 1, pair >>> RANK_SHIFT)
  for (let slot = 0; slot < registers.length; slot++) {
    const nibble = view.getUint8(HLL_START + (slot >> 1)) >> (slot & 1) * 4 & 0xf
    const rank = nibble === EXCEPTION ? exceptions.get(slot) ?? 0 : nibble + lowest
    expect('rank', rank, rank <= 0x3f && (nibble !== EXCEPTION || rank > 0), 'an exception for each register that refers to one, and at most 63')
    registers[slot] = rank
  }
  return registers
}

function expect(what: string, got: number, isSound: boolean, expected: string): void {
  if (!isSound) throw new SessionqlError('invalid_sketch', `The HLL sketch has ${got} as its ${what}, expected ${expected}.`)
}

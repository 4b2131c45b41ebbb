/**
 * Identifiers of 16 bytes by their codes, and their codes by hash: as engine/column/code-table.ts and text-pages.ts keep them, in a memory of
 * their own, where a look-up needs no more than its two misses of the cache. engine/column/identifiers.ts lays the memory out.
 * Code k is that of text k - 1. Nothing here makes the memory larger: `identifierNeeds` says beforehand how far it must reach.
 */

/** Addresses of the chunks of the table, of those of the table in the making, of at most so many, and of the blocks of texts. */
// @ts-ignore: decorator
@inline const MOST_CHUNKS: u32 = 1 << 13
// @ts-ignore: decorator
@inline const CHUNKS: usize = 0
// @ts-ignore: decorator
@inline const GROWN: usize = 1 << 15
// @ts-ignore: decorator
@inline const TEXTS: usize = 1 << 16
/** What goes in and out, so many at a time: hashes, codes, and the texts. */
// @ts-ignore: decorator
@inline const ROOM: usize = 4096
// @ts-ignore: decorator
@inline const HASHES: usize = 1 << 17
// @ts-ignore: decorator
@inline const CODES: usize = HASHES + 4 * ROOM
// @ts-ignore: decorator
@inline const INPUT: usize = CODES + 4 * ROOM
/** Chunks and blocks of texts are of one size. */
// @ts-ignore: decorator
@inline const BLOCKS: usize = 1 << 18
// @ts-ignore: decorator
@inline const BLOCK: usize = 1 << 18
/** Pairs of hash and code. */
// @ts-ignore: decorator
@inline const PAIR: usize = 8
// @ts-ignore: decorator
@inline const PAIRS: u32 = 1 << 15
// @ts-ignore: decorator
@inline const TEXT: usize = 16
// @ts-ignore: decorator
@inline const BLOCK_BITS: u32 = 14
// @ts-ignore: decorator
@inline const BLOCK_TEXTS: u32 = 1 << BLOCK_BITS
/** Look-ups whose misses of the cache come together. */
// @ts-ignore: decorator
@inline const TOGETHER: u32 = 32
// @ts-ignore: decorator
@inline const LINE: usize = 64

let chunks: u32 = 0
/** Pairs in the table, and those from which on it grows. */
let filled: u32 = 0
let most: u32 = 0
let texts: u32 = 0
/** Where the next block begins, and blocks that are free again: each tells the next. */
let next: usize = 0
let spare: usize = 0

/** Begins with `count` texts, for which there is memory: their addresses can be asked for, their pairs are to be put in. */
export function openIdentifiers(count: u32): void {
  next = BLOCKS
  texts = count
  for (let at: u32 = 0; at < count; at += BLOCK_TEXTS) store<u32>(TEXTS + <usize>(at >>> BLOCK_BITS) * 4, <u32>newBlock())
  chunks = count / (PAIRS / 2) + 1
  for (let at: u32 = 0; at < chunks; at++) newChunk(CHUNKS, at)
  most = chunks * (PAIRS / 4 * 3)
}

export function identifierAddress(code: u32): usize {
  return textOf(code)
}

/** End of the memory that taking in `count` more may need: the table grows at most once, and then by half. Too much where it cannot. */
export function identifierNeeds(count: u32): f64 {
  const grows = filled + count >= most
  if (grows && grownChunks() > MOST_CHUNKS) return f64.MAX_VALUE
  const grown = grows ? grownChunks() - chunks + 2 : 0
  return <f64>next + <f64>BLOCK * <f64>(grown + count / BLOCK_TEXTS + 1)
}

/** Puts in the first `count` pairs of those that stand there. */
export function putIdentifiers(count: u32): void {
  for (let i: usize = 0; i < <usize>count; i++) putPair(CHUNKS, chunks, load<u32>(HASHES + i * 4), load<u32>(CODES + i * 4))
  filled += count
}

/** Writes the codes of the first `count` texts that stand there; for one that is not known 0, or where `takes` a new one. Returns how many texts there are then. */
export function findIdentifiers(count: u32, takes: bool): u32 {
  for (let first: u32 = 0; first < count; first += TOGETHER) {
    const last = min(first + TOGETHER, count)
    touch(first, last)
    for (let i = <usize>first; i < <usize>last; i++) store<u32>(CODES + i * 4, codeOf(load<u32>(HASHES + i * 4), INPUT + i * TEXT, takes))
  }
  return texts
}

/** Reads where texts would be, and are. What is read is kept, or it would not be read. */
function touch(first: u32, last: u32): void {
  let sum: u32 = 0
  for (let i = <usize>first; i < <usize>last; i++) {
    const hash = load<u32>(HASHES + i * 4)
    const chunk = chunkAt(CHUNKS, chunkOf(hash, chunks))
    const place = placeOf(hash)
    // Every other search in a table that is nearly full goes on into the next line.
    sum ^= load<u32>(chunk + place) ^ load<u32>(chunk + ((place + LINE) & (BLOCK - 1)))
  }
  for (let i = <usize>first; i < <usize>last; i++) {
    const hash = load<u32>(HASHES + i * 4)
    const pair = chunkAt(CHUNKS, chunkOf(hash, chunks)) + placeOf(hash)
    const code = load<u32>(pair, 4)
    if (load<u32>(pair) == hash && code != 0) sum ^= load<u32>(textOf(code))
  }
  store<u32>(CODES + <usize>first * 4, sum)
}

function codeOf(hash: u32, text: usize, takes: bool): u32 {
  let index = chunkOf(hash, chunks)
  let chunk = chunkAt(CHUNKS, index)
  let place = placeOf(hash)
  for (;;) {
    const pair = chunk + place
    const code = load<u32>(pair, 4)
    if (code == 0) return takes ? take(pair, hash, text) : 0
    if (load<u32>(pair) == hash && i8x16.bitmask(i8x16.ne(v128.load(textOf(code)), v128.load(text))) == 0) return code
    place += PAIR
    if (place < BLOCK) continue
    place = 0
    if (++index == chunks) index = 0
    chunk = chunkAt(CHUNKS, index)
  }
  return 0
}

function take(pair: usize, hash: u32, text: usize): u32 {
  if ((texts & (BLOCK_TEXTS - 1)) == 0) store<u32>(TEXTS + <usize>(texts >>> BLOCK_BITS) * 4, <u32>newBlock())
  const code = ++texts
  v128.store(textOf(code), v128.load(text))
  put(pair, hash, code)
  if (++filled >= most) grow()
  return code
}

/** Chunk by chunk in the order of the hashes; each is used again as soon as it has been read. */
function grow(): void {
  const count = grownChunks()
  memory.fill(GROWN, 0, <usize>count * 4)
  for (let at: u32 = 0; at < chunks; at++) {
    const old = chunkAt(CHUNKS, at)
    for (let pair = old; pair < old + BLOCK; pair += PAIR) {
      const code = load<u32>(pair, 4)
      if (code != 0) putPair(GROWN, count, load<u32>(pair), code)
    }
    memory.fill(old, 0, BLOCK)
    store<u32>(old, <u32>spare)
    spare = old
  }
  for (let at: u32 = 0; at < count; at++) store<u32>(CHUNKS + <usize>at * 4, <u32>chunkOrNew(GROWN, at))
  chunks = count
  most = count * (PAIRS / 4 * 3)
}

/** Puts a pair that is not there into a table of `count` chunks, which come when they are needed. */
function putPair(directory: usize, count: u32, hash: u32, code: u32): void {
  let index = chunkOf(hash, count)
  let chunk = chunkOrNew(directory, index)
  let place = placeOf(hash)
  while (load<u32>(chunk + place, 4) != 0) {
    place += PAIR
    if (place < BLOCK) continue
    place = 0
    if (++index == count) index = 0
    chunk = chunkOrNew(directory, index)
  }
  put(chunk + place, hash, code)
}

// @ts-ignore: decorator
@inline function chunkOrNew(directory: usize, index: u32): usize {
  const chunk = chunkAt(directory, index)
  return chunk != 0 ? chunk : newChunk(directory, index)
}

function newChunk(directory: usize, index: u32): usize {
  const chunk = newBlock()
  store<u32>(directory + <usize>index * 4, <u32>chunk)
  return chunk
}

// @ts-ignore: decorator
@inline function grownChunks(): u32 {
  return (chunks * 3 + 1) >>> 1
}

/** A block of zeros. */
function newBlock(): usize {
  const block = spare
  if (block != 0) {
    spare = <usize>load<u32>(block)
    store<u32>(block, 0)
    return block
  }
  next += BLOCK
  return next - BLOCK
}

// @ts-ignore: decorator
@inline function put(pair: usize, hash: u32, code: u32): void {
  store<u32>(pair, hash)
  store<u32>(pair, code, 4)
}

/** The high bits of a hash choose the chunk … */
// @ts-ignore: decorator
@inline function chunkOf(hash: u32, count: u32): u32 {
  return <u32>((<u64>hash * <u64>count) >>> 32)
}

/** … and the low ones the place in it. */
// @ts-ignore: decorator
@inline function placeOf(hash: u32): usize {
  return <usize>(hash & (PAIRS - 1)) * PAIR
}

// @ts-ignore: decorator
@inline function chunkAt(directory: usize, index: u32): usize {
  return <usize>load<u32>(directory + <usize>index * 4)
}

// @ts-ignore: decorator
@inline function textOf(code: u32): usize {
  const index = code - 1
  return <usize>load<u32>(TEXTS + <usize>(index >>> BLOCK_BITS) * 4) + <usize>(index & (BLOCK_TEXTS - 1)) * TEXT
}

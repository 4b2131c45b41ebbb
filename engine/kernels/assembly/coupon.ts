/** Coupons (engine/sketch/hash.ts) of texts: MurmurHash3_x64_128 with seed 9001. Addresses are bytes of the scratch memory. */

// @ts-ignore: decorator
@inline const SEED: u64 = 9001
// @ts-ignore: decorator
@inline const C1: u64 = 0x87c37b91114253d5
// @ts-ignore: decorator
@inline const C2: u64 = 0x4cf5ad432745937f
// @ts-ignore: decorator
@inline const MAX_ZEROS: u32 = 62
// @ts-ignore: decorator
@inline const UUID: u32 = 36
// @ts-ignore: decorator
@inline const DASH: u32 = 45

/** Of the texts that stand one behind the other from `texts` on, `first` being the place of the first; each ends at its place in `ends`. */
export function couponsOfTexts(texts: usize, first: u32, ends: usize, n: u32, out: usize): void {
  let from: u32 = first
  for (let i: u32 = 0; i < n; i++) {
    const end = load<u32>(ends + (<usize>i << 2))
    store<u32>(out + (<usize>i << 2), couponAt(texts + <usize>(from - first), end - from))
    from = end
  }
}

/** Of packed texts (engine/column/packed-text.ts) of the form `form`; `text` is room for one, and 16 bytes more. */
export function couponsOfPacked(packed: usize, form: u32, n: u32, text: usize, out: usize): void {
  const width = <usize>(form == UUID ? 16 : form >>> 1)
  for (let i: u32 = 0; i < n; i++) {
    // The last vector of a text may hold bytes of the next one, which are written over or not read.
    for (let at: usize = 0; at < width; at += 8) v128.store(text + (at << 1), digitsOf(load<u64>(packed + at)))
    if (form == UUID) addDashes(text)
    store<u32>(out + (<usize>i << 2), couponAt(text, form))
    packed += width
  }
}

/** Sixteen hexadecimal digits of eight bytes. */
// @ts-ignore: decorator
@inline function digitsOf(bytes: u64): v128 {
  const low = i64x2.splat(bytes)
  const high = v128.and(i8x16.shr_u(low, 4), i8x16.splat(15))
  const pairs = i8x16.shuffle(high, v128.and(low, i8x16.splat(15)), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
  const letters = v128.and(i8x16.gt_u(pairs, i8x16.splat(9)), i8x16.splat(39))
  return i8x16.add(i8x16.add(pairs, i8x16.splat(48)), letters)
}

/** Makes a UUID of its 32 digits. */
// @ts-ignore: decorator
@inline function addDashes(text: usize): void {
  const first = v128.load(text)
  const second = v128.load(text, 16)
  const dashes = i8x16.splat(<i8>DASH)
  v128.store(text, i8x16.shuffle(first, dashes, 0, 1, 2, 3, 4, 5, 6, 7, 16, 8, 9, 10, 11, 16, 12, 13))
  const middle = i8x16.shuffle(first, second, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 0, 0)
  v128.store(text, i8x16.shuffle(middle, dashes, 0, 1, 16, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13), 16)
  store<u32>(text, i32x4.extract_lane(second, 3), 32)
}

/** What is read behind the text does not count. */
// @ts-ignore: decorator
@inline function couponAt(at: usize, length: u32): u32 {
  let h1 = SEED
  let h2 = SEED
  const whole = at + <usize>(length & ~15)
  for (; at < whole; at += 16) {
    h1 ^= rotl(load<u64>(at) * C1, 31) * C2
    h1 = (rotl(h1, 27) + h2) * 5 + 0x52dce729
    h2 ^= rotl(load<u64>(at, 8) * C2, 33) * C1
    h2 = (rotl(h2, 31) + h1) * 5 + 0x38495ab5
  }
  const rest = length & 15
  if (rest > 8) h2 ^= rotl(lowBytes(load<u64>(at, 8), rest - 8) * C2, 33) * C1
  if (rest > 0) h1 ^= rotl((rest < 8 ? lowBytes(load<u64>(at), rest) : load<u64>(at)) * C1, 31) * C2
  h1 ^= <u64>length
  h2 ^= <u64>length
  h1 += h2
  h2 += h1
  h1 = mixed(h1)
  h2 = mixed(h2)
  h1 += h2
  h2 += h1
  return (min(<u32>clz(h2), MAX_ZEROS) + 1) << 26 | (<u32>h1 & 0x3ffffff)
}

// @ts-ignore: decorator
@inline function lowBytes(word: u64, count: u32): u64 {
  return word & ((<u64>1 << (<u64>count << 3)) - 1)
}

// @ts-ignore: decorator
@inline function mixed(h: u64): u64 {
  h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccd
  h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53
  return h ^ (h >>> 33)
}

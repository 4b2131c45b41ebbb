/** Loops of exact summation (engine/kernels/sum.ts says how). Every addition is exact, so two lanes change nothing. */

export function sumPlain(values: usize, n: u32, out: usize): void {
  let a = f64x2.splat(0)
  let b = a
  const end = values + (<usize>n << 3)
  for (; values < end; values += 32) {
    a = f64x2.add(a, v128.load(values))
    b = f64x2.add(b, v128.load(values, 16))
  }
  put(out, f64x2.add(a, b))
}

export function sumTwoPieces(values: usize, n: u32, magic: f64, out: usize): void {
  const cut = f64x2.splat(magic)
  let high = f64x2.splat(0)
  let low = high
  let high2 = high
  let low2 = high
  const end = values + (<usize>n << 3)
  for (; values < end; values += 32) {
    let value = v128.load(values)
    let piece = pieceOf(value, cut)
    high = f64x2.add(high, piece)
    low = f64x2.add(low, f64x2.sub(value, piece))
    value = v128.load(values, 16)
    piece = pieceOf(value, cut)
    high2 = f64x2.add(high2, piece)
    low2 = f64x2.add(low2, f64x2.sub(value, piece))
  }
  put(out, f64x2.add(high, high2))
  put(out + 8, f64x2.add(low, low2))
}

export function sumThreePieces(values: usize, n: u32, magicHigh: f64, magicMiddle: f64, out: usize): void {
  const cutHigh = f64x2.splat(magicHigh)
  const cutMiddle = f64x2.splat(magicMiddle)
  let high = f64x2.splat(0)
  let middle = high
  let low = high
  let high2 = high
  let middle2 = high
  let low2 = high
  const end = values + (<usize>n << 3)
  for (; values < end; values += 32) {
    let value = v128.load(values)
    let top = pieceOf(value, cutHigh)
    let rest = f64x2.sub(value, top)
    let next = pieceOf(rest, cutMiddle)
    high = f64x2.add(high, top)
    middle = f64x2.add(middle, next)
    low = f64x2.add(low, f64x2.sub(rest, next))
    value = v128.load(values, 16)
    top = pieceOf(value, cutHigh)
    rest = f64x2.sub(value, top)
    next = pieceOf(rest, cutMiddle)
    high2 = f64x2.add(high2, top)
    middle2 = f64x2.add(middle2, next)
    low2 = f64x2.add(low2, f64x2.sub(rest, next))
  }
  put(out, f64x2.add(high, high2))
  put(out + 8, f64x2.add(middle, middle2))
  put(out + 16, f64x2.add(low, low2))
}

/** What is left of values when they are rounded to what a magic number cuts at. */
// @ts-ignore: decorator
@inline function pieceOf(values: v128, magic: v128): v128 {
  return f64x2.sub(f64x2.add(values, magic), magic)
}

// @ts-ignore: decorator
@inline function put(out: usize, lanes: v128): void {
  store<f64>(out, load<f64>(out) + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1))
}

/** Two values at the places of a run, the last one alone. */
// @ts-ignore: decorator
@inline function pair(values: usize, places: usize, at: u32, to: u32): v128 {
  const place = places + (<usize>at << 1)
  const first = v128.load64_zero(values + (<usize>load<u16>(place) << 3))
  return at + 1 < to ? v128.load64_lane(values + (<usize>load<u16>(place, 2) << 3), first, 1) : first
}

/** The sums of each run of places (engine/kernels/assembly/group.ts), one after the other. */
export function sumRunsPlain(values: usize, places: usize, ends: usize, runs: u32, out: usize): void {
  let at: u32 = 0
  for (let run: u32 = 0; run < runs; run++) {
    const to = load<u32>(ends + (<usize>run << 2))
    let sum = f64x2.splat(0)
    for (; at < to; at += 2) sum = f64x2.add(sum, pair(values, places, at, to))
    at = to
    lanes(out, sum)
    out += 8
  }
}

export function sumRunsTwoPieces(values: usize, places: usize, ends: usize, runs: u32, magic: f64, out: usize): void {
  const cut = f64x2.splat(magic)
  let at: u32 = 0
  for (let run: u32 = 0; run < runs; run++) {
    const to = load<u32>(ends + (<usize>run << 2))
    let high = f64x2.splat(0)
    let low = high
    for (; at < to; at += 2) {
      const value = pair(values, places, at, to)
      const piece = pieceOf(value, cut)
      high = f64x2.add(high, piece)
      low = f64x2.add(low, f64x2.sub(value, piece))
    }
    at = to
    lanes(out, high)
    lanes(out + 8, low)
    out += 16
  }
}

export function sumRunsThreePieces(values: usize, places: usize, ends: usize, runs: u32, magicHigh: f64, magicMiddle: f64, out: usize): void {
  const cutHigh = f64x2.splat(magicHigh)
  const cutMiddle = f64x2.splat(magicMiddle)
  let at: u32 = 0
  for (let run: u32 = 0; run < runs; run++) {
    const to = load<u32>(ends + (<usize>run << 2))
    let high = f64x2.splat(0)
    let middle = high
    let low = high
    for (; at < to; at += 2) {
      const value = pair(values, places, at, to)
      const top = pieceOf(value, cutHigh)
      const rest = f64x2.sub(value, top)
      const next = pieceOf(rest, cutMiddle)
      high = f64x2.add(high, top)
      middle = f64x2.add(middle, next)
      low = f64x2.add(low, f64x2.sub(rest, next))
    }
    at = to
    lanes(out, high)
    lanes(out + 8, middle)
    lanes(out + 16, low)
    out += 24
  }
}

// @ts-ignore: decorator
@inline function lanes(out: usize, sums: v128): void {
  store<f64>(out, f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1))
}

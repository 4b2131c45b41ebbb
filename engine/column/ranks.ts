/** The places of codes in the order of their texts. */
import { sortInSteps, STEP } from '../steps.js'

/** Where the texts are. */
export interface OrderedTexts {
  /** Codes are 0 … size-1. */
  readonly size: number
  /** Order of two codes; code 0 comes first. */
  compare(a: number, b: number): number
  /** The first bytes of a text as a number: in the order of the texts, as far as it tells them apart. */
  prefix(code: number): number
}

/** Of so many codes for each that occurs none is looked at but these. */
const FEW = 16

export class Ranks {
  private readonly texts: OrderedTexts
  /** Of all codes; of no use once new strings came. */
  private ranks = new Float64Array(0)

  constructor(texts: OrderedTexts) {
    this.texts = texts
  }

  /** For each code that occurs in `codes`, its place; other entries mean nothing. In steps. */
  *of(codes: Uint32Array): Generator<void, Float64Array, void> {
    // Strings that come in meanwhile are none of the query's.
    const { size } = this.texts
    if (this.ranks.length === size) return this.ranks
    const distinct = codes.length * FEW < size ? Uint32Array.from(new Set(codes)) : distinctOf(codes, size)
    yield
    const sorted = yield* this.sort(distinct)
    const ranks = new Float64Array(size)
    for (let rank = 0; rank < sorted.length; rank++) ranks[sorted[rank]] = rank
    if (distinct.length === size) this.ranks = ranks
    return ranks
  }

  /** Most pairs differ in their first bytes, which are compared as one number. */
  private *sort(codes: Uint32Array): Generator<void, Uint32Array, void> {
    const { texts } = this
    const prefixes = new Float64Array(codes.length)
    const places = new Uint32Array(codes.length)
    for (let place = 0; place < codes.length; place++) {
      prefixes[place] = codes[place] === 0 ? -1 : texts.prefix(codes[place])
      places[place] = place
      if (place % STEP === 0) yield
    }
    const sorted = yield* sortInSteps(places, (a, b) => prefixes[a] - prefixes[b] || texts.compare(codes[a], codes[b]))
    return sorted.map(place => codes[place])
  }
}

/** The codes that occur, or all where most do: their ranks are of use again. */
function distinctOf(codes: Uint32Array, size: number): Uint32Array {
  const seen = new Uint8Array(size)
  let count = 0
  for (let i = 0; i < codes.length; i++) {
    count += 1 - seen[codes[i]]
    seen[codes[i]] = 1
  }
  const whole = count * 4 >= size
  const distinct = new Uint32Array(whole ? size : count)
  for (let code = 0, at = 0; code < size; code++) if (whole || seen[code] === 1) distinct[at++] = code
  return distinct
}

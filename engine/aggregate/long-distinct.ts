import { countBits, setBit, wordsFor } from '../column/bitset.js'

/** From here on a run is folded in several steps. */
export const LONG_RUN = 2 ** 19
/** Words that are gone over between two steps. */
const LOOP_STEP = 2 ** 18

/** The distinct codes of both, ascending, by a bit for each: codes are dense. */
export function* longDistinct(known: Uint32Array, run: Uint32Array, from: number, to: number): Generator<void, Uint32Array, void> {
  let largest = 0
  for (const code of known) if (code > largest) largest = code
  for (let at = from; at < to; at++) if (run[at] > largest) largest = run[at]
  yield
  const bits = new Uint32Array(wordsFor(largest + 1))
  for (const code of known) setBit(bits, code)
  for (let at = from; at < to; at += LONG_RUN) {
    const end = Math.min(at + LONG_RUN, to)
    for (let i = at; i < end; i++) setBit(bits, run[i])
    yield
  }
  // Missing items may come along.
  bits[0] &= ~1
  const codes = new Uint32Array(countBits(bits, 0, largest + 1))
  let n = 0
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word]; rest !== 0; rest &= rest - 1) codes[n++] = word * 32 + 31 - Math.clz32(rest & -rest)
    if (word % LOOP_STEP === 0) yield
  }
  return codes
}

/**
 * Identifiers alone: `npx tsx bench/dictionary.ts [--texts N] [--distinct N]`.
 * Puts so many into a dictionary, the way lines of a load come, and looks whether each got its code; the exit code is 1 where one did not.
 * With 150,000,000 the memory that identifiers have for themselves is full on the way: it takes 5 GB.
 */
import { parseArgs } from 'node:util'
import { Dictionary, PACKED, type TextRun } from '../engine/column/dictionary.js'
import { count, gigabytes } from './markdown.js'
import { runMain, wholeNumber } from './options.js'

/** Texts of one call, as the kernel of lines hands them over. */
const RUN = 1024
const UUID = 36
/** Calls between two lines of progress. */
const TOLD_EVERY = 20_000

await runMain(async () => {
  const { values } = parseArgs({ options: { texts: { type: 'string', default: '10000000' }, distinct: { type: 'string' } } })
  const texts = Math.ceil(wholeNumber('texts', values.texts, 1) / RUN) * RUN
  const distinct = values.distinct === undefined ? texts : wholeNumber('distinct', values.distinct, 1)
  const dictionary = new Dictionary()
  const run = newRun()
  let ms = 0
  let wrong = 0
  for (let from = 0; from < texts; from += RUN) {
    fill(run, from, distinct)
    const started = performance.now()
    dictionary.encodeMissing(new Uint8Array(0), run, RUN)
    ms += performance.now() - started
    for (let i = 0; i < RUN; i++) if (run.codes[i] !== (from + i) % distinct + 1) wrong++
    if (from / RUN % TOLD_EVERY === TOLD_EVERY - 1) process.stdout.write(`${count(from + RUN)} texts: ${(ms * 1e6 / (from + RUN)).toFixed(0)} ns each, ${gigabytes(dictionary.bytes)}\n`)
  }
  process.stdout.write(`${count(texts)} texts, ${count(dictionary.size - 1)} of them distinct: ${(ms * 1e6 / texts).toFixed(0)} ns each, ${gigabytes(dictionary.bytes)}; ${count(wrong)} wrong codes\n`)
  return wrong === 0 ? 0 : 1
})

function newRun(): TextRun {
  const array = (): Uint32Array => new Uint32Array(RUN)
  return { codes: array(), starts: array(), lengths: array().fill(UUID | PACKED), hashes: array(), missing: Uint32Array.from({ length: RUN }, (_, i) => i), packed: new Uint32Array(4 * RUN) }
}

/** Identifiers from, from + 1, …, after `distinct` of them from the beginning again. */
function fill({ hashes, packed }: TextRun, from: number, distinct: number): void {
  for (let i = 0; i < RUN; i++) {
    const number = (from + i) % distinct
    hashes[i] = mixed(number)
    packed[4 * i] = number
    packed[4 * i + 1] = mixed(number + 1)
    packed[4 * i + 2] = mixed(number + 2)
    packed[4 * i + 3] = mixed(number + 3)
  }
}

/** The finalizer of MurmurHash3: every bit of the input changes half of the output's. */
function mixed(number: number): number {
  let h = number | 0
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b)
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35)
  return (h ^ h >>> 16) >>> 0
}

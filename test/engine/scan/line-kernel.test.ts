import { expect, it } from 'vitest'
import type { TextRun } from '../../../engine/column/dictionary.js'
import { lineKernel } from '../../../engine/scan/line-kernel.js'

const encoder = new TextEncoder()
const text = encoder.encode('never seen')

/** A run of texts none of which is known. */
function missing(count: number, code: number): TextRun {
  const all = (value: (i: number) => number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => value(i))
  return {
    codes: all(i => code + i), starts: all(() => 0), lengths: all(() => text.length), hashes: all(i => Math.imul(code + i, 0x9e3779b1) >>> 0), missing: all(i => i),
    packed: new Uint32Array(0)
  }
}

it('gives up knowing texts where there are very many, and a run that tells has mostly others', () => {
  const kernel = lineKernel()!
  kernel.setForm({}, [{ key: encoder.encode('"tag":'), kind: 'string', isWanted: true }], false)
  let code = 1
  const isGivenUp = (count: number, size: number): boolean => {
    kernel.remember(0, missing(count, code), text, count, size, null)
    code += count
    return kernel.known().take().givenUp.length > 0
  }
  // Less than half of each is missing.
  expect(Array.from({ length: 160 }, () => isGivenUp(500, 1024))).not.toContain(true)
  expect([isGivenUp(1, 1), isGivenUp(200, 200), isGivenUp(500, 1024)]).toEqual([false, false, false])
  expect(isGivenUp(600, 1024)).toBe(true)
})

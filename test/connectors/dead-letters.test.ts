import { describe, expect, it } from 'vitest'
import { DeadLetters, type DeadLetterOptions } from '../../connectors/dead-letters.js'
import { RecordFault } from '../../connectors/record/row.js'
import { newReport, type DeadLetter } from '../../connectors/source.js'

function tried(good: number, bad: number, options: DeadLetterOptions = {}) {
  const report = newReport()
  const letters: DeadLetter[] = []
  const tally = new DeadLetters('books', report, { onDeadLetter: letter => void letters.push(letter), ...options })
  for (let i = 0; i < good; i++) tally.attempt(i, () => i)
  for (let i = 0; i < bad; i++) tally.attempt({ i }, () => { throw new RecordFault(`no uuid in ${i}`) })
  return { tally, report, letters }
}

describe('unreadable records', () => {
  it('are counted and handed on with what may be seen of them', () => {
    const { report, letters, tally } = tried(2, 1, { shown: record => Object.keys(record as object) })
    expect([tally.good, tally.bad, report.deadLetters]).toEqual([2, 1, 1])
    expect(letters).toEqual([{ source: 'books', reason: 'no uuid in 0', record: ['i'] }])
  })

  it('let what was read pass, and other errors too', () => {
    const { tally } = tried(0, 0)
    expect(tally.attempt('x', () => 5)).toBe(5)
    expect(tally.attempt('x', () => { throw new RecordFault('odd') })).toBeNull()
    expect(() => tally.attempt('x', () => { throw new TypeError('a bug') })).toThrow('a bug')
  })

  it.each([[0, 9], [990, 10], [9_900, 100]])('%d good and %d bad ones are tolerated', (good, bad) => {
    expect(() => tried(good, bad).tally.finish()).not.toThrow()
  })

  it.each([[0, 10], [989, 10], [9_899, 100]])('%d good and %d bad ones end the source', (good, bad) => {
    expect(() => tried(good, bad).tally.finish()).toThrow(/^source "books": .* records could not be read; the first one is no uuid in 0\. /)
  })

  it('are tolerated up to the share that the config names', () => {
    expect(() => tried(10, 10, { maxBadShare: 0.5 }).tally.finish()).not.toThrow()
    expect(() => tried(9, 10, { maxBadShare: 0.5 }).tally.finish()).toThrow('10 of 19 records')
  })

  it('end a source early once they are a thousand, and too many', () => {
    expect(() => tried(0, 999).tally.checkEarly()).not.toThrow()
    expect(() => tried(0, 1_000).tally.checkEarly()).toThrow('1,000 of 1,000 records')
    expect(() => tried(99_000, 1_000).tally.checkEarly()).not.toThrow()
  })

  it('end a source of which nothing could be read, where the whole is judged', () => {
    expect(() => tried(0, 1).tally.finish()).not.toThrow()
    expect(() => tried(0, 1).tally.finishWhole()).toThrow('none of its records could be read')
    expect(() => tried(0, 0).tally.finishWhole()).not.toThrow()
    expect(() => tried(1, 1).tally.finishWhole()).not.toThrow()
  })
})

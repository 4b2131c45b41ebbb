import { describe, expect, it, vi } from 'vitest'
import stringWidth from 'string-width'
import { newReport } from '../../connectors/source.js'
import type { Track } from '../../cli/plain-progress.js'
import { liveLine, Progress } from '../../cli/progress.js'

const track: Track = {
  name: 'video',
  report: { ...newReport(), rows: 12_345, progress: 0.5, position: '2025-06-01 .. 2025-06-02', retries: 2 },
  startedAt: 0,
  state: 'reading',
  endedAt: null
}

describe('progress', () => {
  it('is a line with rows, rate, position and retries', () => {
    expect(liveLine(track, 5000, 100, 8)).toBe('video    ━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌   50 %    12,345 rows    2,469/s  2025-06-01 .. 2025-06-02  2 retries')
  })

  it('is cut to the terminal', () => {
    for (const columns of [20, 40, 60, 80]) expect(stringWidth(liveLine(track, 5000, columns, 8))).toBeLessThan(columns)
  })

  it('shows the end and the time it took', () => {
    expect(liveLine({ ...track, state: 'done', endedAt: 4000 }, 9000, 80, 5)).toBe('video ━━━━━━━━━━  100 %    12,345 rows    3,086/s  4.0 s  2 retries')
    expect(liveLine({ ...track, state: 'failed', endedAt: 4000 }, 9000, 80, 5)).toContain(' failed ')
  })

  it('shows no percentage where the end is not known', () => {
    const open = { ...track, report: { ...track.report, progress: null } }
    expect(liveLine(open, 5000, 80, 5)).not.toContain('%')
  })

  it('never shows control characters of a position', () => {
    expect(liveLine({ ...track, report: { ...track.report, position: 'a\u001b[2Jb' } }, 5000, 100, 5)).not.toContain('\u001b')
  })

  it('writes plain lines where there is no terminal, when a source ends', () => {
    const written: string[] = []
    const progress = new Progress({ write: (text: string) => written.push(text) }, { announce: true })
    progress.track('video', { ...newReport(), rows: 7 })('done')
    progress.stop()
    expect(written).toHaveLength(1)
    expect(written[0]).toMatch(/^video: done, 7 rows in \d+\.\d s, [\d,]+\/s\n$/)
  })

  it('redraws its lines in place on a terminal and leaves the last state', () => {
    vi.useFakeTimers()
    const written: string[] = []
    const progress = new Progress({ isTTY: true, columns: 80, write: (text: string) => written.push(text) }, { announce: false })
    const ended = progress.track('one', newReport())
    progress.track('two', newReport())
    vi.advanceTimersByTime(250)
    expect(written).toEqual([])
    vi.advanceTimersByTime(100)
    ended('done')
    progress.stop()
    vi.useRealTimers()
    expect(written).toHaveLength(2)
    for (const text of written) expect(text.split('\n')).toHaveLength(3)
    expect(written[0]).not.toContain('\u001b[2A')
    expect(written[1]).toContain(`\r\u001b[2Aone ${'━'.repeat(10)}  100 %`)
  })

  it('shows nothing of a short reading on a terminal', () => {
    const written: string[] = []
    const progress = new Progress({ isTTY: true, columns: 80, write: (text: string) => written.push(text) }, { announce: false })
    progress.track('one', newReport())('done')
    progress.stop()
    expect(written).toEqual([])
  })
})

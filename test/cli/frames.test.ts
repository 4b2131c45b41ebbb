import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { FrameScreen } from '../../cli/frames.js'
import { Output } from '../../cli/output.js'
import type { Frame } from '../../index.js'

const ESCAPE = '\u001b'
const FIELDS = [{ name: 'country', type: 'dimension' as const }, { name: 'count', type: 'metric' as const }]
const FIRST: Frame = { type: 'result', fields: FIELDS, data: [['Finland', 1], ['Sweden', 2]] }
const SECOND: Frame = { type: 'change', changed: [{ at: 1, row: ['Norway', 3] }], removed: [] }

/** A terminal that keeps what it is sent. */
function terminal(rows: number): { out: Output, stream: PassThrough, sent: () => string } {
  let text = ''
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows })
  stream.on('data', (chunk: Buffer) => { text += chunk.toString() })
  return {
    out: new Output(stream as unknown as NodeJS.WriteStream),
    stream,
    sent: () => {
      const sent = text
      text = ''
      return sent
    }
  }
}

it('draws every answer over the one before it, and leaves the terminal as it was with the last one on it', async () => {
  const { out, stream, sent } = terminal(20)
  const screen = new FrameScreen(out, 'table')
  await screen.show(FIRST)
  const first = sent()
  expect(first.startsWith(`${ESCAPE}[?1049h${ESCAPE}[?25l`)).toBe(true)
  expect(first).toContain('Sweden')
  await screen.show(SECOND)
  const second = sent()
  // From the top left, each line to its end, and nothing is wiped before it is drawn.
  expect(second.startsWith(`${ESCAPE}[?2026h${ESCAPE}[H`)).toBe(true)
  expect(second).not.toContain(`${ESCAPE}[2J`)
  expect(second.match(/Finland.*Norway.*Sweden/s)).not.toBeNull()
  stream.emit('resize')
  expect(sent()).toContain('Norway')
  await screen.end()
  const last = sent()
  expect(last.startsWith(`${ESCAPE}[?25h${ESCAPE}[?1049l`)).toBe(true)
  expect(last).toContain('Norway')
  stream.emit('resize')
  expect(sent()).toBe('')
})

it('shows of a long answer what there is room for, and says so', async () => {
  const { out, sent } = terminal(4)
  const screen = new FrameScreen(out, 'table')
  await screen.show(FIRST)
  const text = sent()
  expect(text.split('\n').length).toBe(4)
  expect(text).toContain('1 line more at the end')
  await screen.end()
  expect(sent()).toContain('Sweden')
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Engine, foldFrame, type Frame, type Watch } from '../../../index.js'

const TEXT = readFileSync(new URL('../../../docs/live.md', import.meta.url), 'utf8')
const EXAMPLE = TEXT.match(/```ts\n(.*?)```/s)![1]!
const BLOCKS = [...TEXT.matchAll(/```json\n(.*?)```/gs)].map(match => match[1]!.trim().split('\n').map(line => JSON.parse(line) as unknown))

/** The part of the example before its loop, run as it stands. */
async function runExample(): Promise<{ engine: Engine, watch: Watch }> {
  const [, body] = EXAMPLE.split(/^import .*\n\n/m)
  const setup = body!.slice(0, body!.indexOf('let answer'))
  const AsyncFunction = runExample.constructor as new (...args: string[]) => (engine: typeof Engine) => Promise<{ engine: Engine, watch: Watch }>
  return await new AsyncFunction('Engine', `${setup}; return { engine, watch }`)(Engine)
}

async function frameOf(watch: Watch): Promise<Frame> {
  return (await watch.next()).value!
}

describe('docs/live.md', () => {
  it('has the frames that its example gives', async () => {
    const { engine, watch } = await runExample()
    const frames = [await frameOf(watch)]
    await engine.ingest([{ session_id: 's2', visitor_id: 'bo', started_at: '2025-03-02T10:00:00Z', country: 'Sweden', session_duration_secs: 30 }])
    frames.push(await frameOf(watch))
    await engine.ingest([{ session_id: 's1', visitor_id: 'anna', started_at: '2025-03-01T10:00:00Z', country: 'Finland', session_duration_secs: 25 }])
    frames.push(await frameOf(watch))
    expect(frames).toEqual(BLOCKS[0])
    const folded = foldFrame(foldFrame(foldFrame(null, frames[0]!), frames[1]!), frames[2]!)
    expect(folded.data).toEqual([['2025-03-01T00:00:00.000Z', 'Finland', 1, 25], ['2025-03-02T00:00:00.000Z', 'Sweden', 1, 30]])
    await engine.close()
  })

  it('has the progress of a watch with a lateness', async () => {
    const engine = await Engine.open()
    await engine.ingest([{ session_id: 's1', visitor_id: 'anna', started_at: '2025-03-02T10:00:00Z' }], { source: 'web' })
    const watch = engine.watch({ interval: '2025-03-01/2025-03-08', granularity: 'day', aggregations: [{ type: 'count' }] }, { lateness: 'PT1H' })
    expect((await frameOf(watch)).progress).toEqual(BLOCKS[1]![0])
    await engine.close()
  })
})

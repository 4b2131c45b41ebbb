/** `sessionql sync`: reads all sources side by side and sums up. */
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { DATA_OPTIONS, REPORT_FORMAT } from '../common-options.js'
import { UsageError } from '../exit.js'
import { Progress } from '../progress.js'
import { exitCodeOfReadings, notesOf, readSources, type Reading } from '../reading.js'
import { summaryJson, summaryTable } from '../summary.js'

export const command: Command = {
  name: 'sync',
  usage: '--config FILE [--data DIR] [--source NAME]… [OPTIONS]',
  about: `Reads the sources side by side and prints a summary per source. With --data the sessions are stored in the
folder; without it they are read into memory and forgotten, which shows what would come. A source that fails does not
stop the others. What may be missing is told: unreadable records, suspected gaps, warnings. Progress goes to stderr.`,
  options: { ...DATA_OPTIONS, ...REPORT_FORMAT },
  examples: [
    'sessionql sync --config sources.json --data store',
    'sessionql sync --config sources.json --source video',
    'sessionql sync --source "visits-*.ndjson.gz" --data store'
  ],
  run
}

async function run(options: Options, context: Context): Promise<number> {
  if (options.one('config') === undefined && options.all('source').length === 0) throw new UsageError('nothing to sync: give --config FILE')
  const { openEngine, openSources } = await import('../open.js')
  const sources = await openSources(options, context)
  const engine = await openEngine(options, sources)
  let readings: Reading[]
  try {
    const progress = new Progress(context.err, { announce: true })
    readings = await readSources(engine, sources.map(source => ({ source })), { signal: context.signal, progress })
  } finally {
    await engine.close()
  }
  const json = (options.one('format') ?? (context.out.isTTY ? 'table' : 'json')) === 'json'
  for (const note of readings.flatMap(notesOf)) context.say(note)
  await context.out.write(json ? summaryJson(readings) : summaryTable(readings, context.canvas))
  context.signal.throwIfAborted()
  return exitCodeOfReadings(readings)
}

/** `sessionql sync`: reads all sources side by side and sums up. */
import { join } from 'node:path'
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { DATA_OPTIONS, REPORT_FORMAT } from '../common-options.js'
import { UsageError } from '../exit.js'
import { askConsent, CONSENT_OPTION } from '../consent.js'
import { DeadLetterFile } from '../dead-letter-file.js'
import { notesOf } from '../notes.js'
import { PROGRESS_KINDS, type ProgressKind } from '../plain-progress.js'
import { Progress } from '../progress.js'
import { exitCodeOfReadings, readSources, type Reading } from '../reading.js'
import { summaryJson, summaryTable } from '../summary.js'

export const command: Command = {
  name: 'sync',
  usage: '--config FILE [--data DIR] [--source NAME]… [OPTIONS]',
  about: `Reads the sources side by side and prints a summary per source. With --data the sessions are stored in the
folder, and each source is read on from where the last sync stored it, however that ended; without it they are read into
memory and forgotten, which shows what would come. A source that fails does not stop the others. What may be missing is
told: unreadable records, suspected gaps, warnings. Progress goes to stderr.

Reading a publica-reader source opens sessions at publica.la: how many is told, and asked for on a terminal; a script
says --yes.`,
  options: {
    ...DATA_OPTIONS,
    follow: { help: 'wait for new lines of NDJSON files, until Ctrl-C; other sources are read once' },
    fresh: { help: 'read from the beginning, whatever was read before; what is stored stays' },
    ...CONSENT_OPTION,
    'dead-letters': { value: 'FILE', help: 'where unreadable records are added, as lines of JSON (default: dead-letters.ndjson in the data folder)' },
    progress: { value: 'HOW', choices: PROGRESS_KINDS, help: 'lines or json on stderr; default: lines, living ones on a terminal' },
    ...REPORT_FORMAT
  },
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
  if (options.one('follow') !== undefined && !sources.some(({ type }) => type === 'file')) throw new UsageError('--follow: none of the sources is a file')
  const engine = await openEngine(options, sources)
  let readings: Reading[]
  try {
    await askConsent(sources, engine, options, context, true)
    const progress = new Progress(context.err, { announce: true, kind: (options.one('progress') ?? 'lines') as ProgressKind })
    const letters = deadLetterFile(options)
    readings = await readSources(engine, sources.map(source => ({ source })), {
      signal: context.signal, progress, fresh: options.one('fresh') !== undefined, ...letters && { onDeadLetter: letter => letters.add(letter) }
    })
  } finally {
    await engine.close()
  }
  const json = (options.one('format') ?? (context.out.isTTY ? 'table' : 'json')) === 'json'
  for (const note of readings.flatMap(notesOf)) context.say(note)
  await context.out.write(json ? summaryJson(readings) : summaryTable(readings, context.canvas))
  context.signal.throwIfAborted()
  return exitCodeOfReadings(readings)
}

function deadLetterFile(options: Options): DeadLetterFile | null {
  const folder = options.one('data')
  const path = options.one('dead-letters') ?? (folder === undefined ? null : join(folder, 'dead-letters.ndjson'))
  return path === null ? null : new DeadLetterFile(path)
}

/** `sessionql schema`: what can be queried. */
import type { Source } from '../../connectors/source.js'
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { askConsent, CONSENT_OPTION } from '../consent.js'
import { DATA_OPTIONS, REPORT_FORMAT } from '../common-options.js'
import { EXIT } from '../exit.js'
import { formatResult } from '../format.js'
import type { Cell, ResultTable } from '../result.js'
import { plural } from '../plural.js'
import { Progress } from '../progress.js'
import { QuerySources } from '../query-sources.js'

export const command: Command = {
  name: 'schema',
  usage: '[--source PATH|NAME|-]… [--config FILE] [--data DIR] [OPTIONS]',
  about: `Lists the columns with their types, how many distinct values each has and how many sessions lack it.
With --source the sources are read first; --data alone lists what the folder holds; --config alone lists what its
sources say that they provide, without asking them.`,
  options: { ...DATA_OPTIONS, ...CONSENT_OPTION, ...REPORT_FORMAT },
  examples: ['sessionql schema --source visits.ndjson', 'sessionql schema --data store --format json', 'sessionql schema --config sources.json'],
  run
}

async function run(options: Options, context: Context): Promise<number> {
  const { openEngine, openSources } = await import('../open.js')
  const sources = await openSources(options, context)
  const json = (options.one('format') ?? (context.out.isTTY ? 'table' : 'json')) === 'json'
  if (options.all('source').length === 0 && options.one('data') === undefined) return describe(sources, json, context)
  const engine = await openEngine(options, sources)
  try {
    await askConsent(sources, engine, options, context, true)
    const settings = { signal: context.signal, progress: new Progress(context.err, { announce: false }), whole: true, say: context.say }
    const reading = new QuerySources(engine, sources, settings)
    await reading.cover({ start: -Infinity, end: Infinity })
    const schema = engine.schema()
    if (json) await context.out.write([`${JSON.stringify(schema)}\n`])
    else {
      const { sessions, segments, bytes, range } = schema
      const times = range ? `, ${new Date(range.start).toISOString()} to ${new Date(range.end).toISOString()}` : ''
      context.say(`${plural(sessions, 'session')} in ${plural(segments, 'segment')}, ${(bytes / 1e6).toFixed(1)} MB${times}`)
      const rows = schema.columns.map(({ name, type, distinct, present }) => [name, type, distinct, sessions - present])
      await write(table([['name', 'type'], ['distinct', 'missing']], rows), context)
    }
    return reading.exitCode
  } finally {
    await engine.close()
  }
}

async function describe(sources: readonly Source[], json: boolean, context: Context): Promise<number> {
  const rows = sources.flatMap(source => source.describe().map(({ name, type, description }) => [source.name, name, type, description]))
  if (json) await context.out.write(rows.map(([source, name, type, description]) => `${JSON.stringify({ source, name, type, description })}\n`))
  else await write(table([['source', 'name', 'type', 'description'], []], rows), context)
  return EXIT.ok
}

function table([dimensions, metrics]: readonly [readonly string[], readonly string[]], data: readonly (readonly Cell[])[]): ResultTable {
  const fields = [...dimensions.map(name => ({ name, type: 'dimension' as const })), ...metrics.map(name => ({ name, type: 'metric' as const }))]
  return { fields, data }
}

async function write(result: ResultTable, { out, canvas, signal }: Context): Promise<void> {
  await out.write(formatResult(result, 'table', canvas), signal)
}

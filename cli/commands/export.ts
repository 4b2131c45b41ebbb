/** `sessionql export`: the sessions of a data folder for other programs. */
import { batchesOfSessions, type OutputColumn, writeArrow, writeParquet } from '../../connectors/columnar/index.js'
import type { Engine } from '../../engine/engine.js'
import type { Session } from '../../engine/session.js'
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { EXIT, UsageError } from '../exit.js'

const FORMATS = ['ndjson', 'parquet', 'arrow'] as const

export const command: Command = {
  name: 'export',
  usage: '--data DIR [--format ndjson|parquet|arrow] [--memory SIZE] > FILE',
  about: `Writes all sessions of a data folder to standard output: as lines of JSON, as a Parquet file or as an Arrow IPC stream. They are the
sessions of the moment at which it begins, about in the order of their starts. The folder is only read.`,
  options: {
    data: { value: 'DIR', help: 'data folder' },
    format: { value: 'FORMAT', choices: FORMATS, help: `${FORMATS.join(', ')}; default: ndjson` },
    memory: { value: 'SIZE', help: 'most memory, such as 512MB or 2GiB (default: 3/4 of the machine)' }
  },
  examples: ['sessionql export --data store > sessions.ndjson', 'sessionql export --data store --format parquet > sessions.parquet'],
  run
}

async function run(options: Options, { out, signal }: Context): Promise<number> {
  if (options.one('data') === undefined) throw new UsageError('no data folder: give --data DIR')
  const format = options.one('format') ?? 'ndjson'
  if (format !== 'ndjson' && out.isTTY) throw new UsageError(`${format} is for programs, not for a terminal: send the output to a file`)
  const { openFolder } = await import('../open.js')
  const engine = await openFolder(options, { readOnly: true })
  try {
    if (format === 'ndjson') {
      for await (const sessions of engine.sessions({ signal })) await out.write(sessions.map(session => `${JSON.stringify(session)}\n`), signal)
    } else {
      const columns = columnsOf(engine)
      const batches = batchesOfSessions(columns, eachOf(engine.sessions({ signal })))
      await out.writeBytes(format === 'parquet' ? writeParquet(columns, batches) : writeArrow(columns, batches), signal)
    }
    return EXIT.ok
  } finally {
    await engine.close()
  }
}

function columnsOf(engine: Engine): OutputColumn[] {
  return [...engine.columns].map(([name, type]) => ({ name, type: name === 'started_at' ? 'time' : type }))
}

async function* eachOf(batches: AsyncIterable<readonly Session[]>): AsyncGenerator<Session, void, void> {
  for await (const batch of batches) yield* batch
}

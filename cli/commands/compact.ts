/** `sessionql compact`: brings a data folder into its best order. */
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { EXIT, UsageError } from '../exit.js'
import { plural } from '../plural.js'

export const command: Command = {
  name: 'compact',
  usage: '--data DIR [--retention PERIOD] [--memory SIZE]',
  about: `Merges the segments of a data folder that overlap in time, so that a query over a day reads that day, and brings the log into
them. With --retention, sessions that started longer ago are dropped for good. Queries of other processes go on meanwhile.`,
  options: {
    data: { value: 'DIR', help: 'data folder' },
    retention: { value: 'PERIOD', help: 'drop sessions that started longer ago than this ISO-8601 period, such as P90D or P2Y' },
    memory: { value: 'SIZE', help: 'most memory, such as 512MB or 2GiB (default: 3/4 of the machine)' }
  },
  examples: ['sessionql compact --data store', 'sessionql compact --data store --retention P2Y'],
  run
}

async function run(options: Options, { say, signal }: Context): Promise<number> {
  if (options.one('data') === undefined) throw new UsageError('no data folder: give --data DIR')
  const { openFolder } = await import('../open.js')
  const engine = await openFolder(options, { readOnly: false })
  try {
    await engine.compact({ signal })
    const { sessions, segments, store } = engine.status()
    say(`${plural(sessions, 'session')} in ${plural(segments, 'segment')}, ${(store!.tableBytes / 1e6).toFixed(1)} MB on disk`)
    return EXIT.ok
  } finally {
    await engine.close()
  }
}

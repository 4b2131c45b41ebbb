/** `sessionql check`: do the credentials work? */
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { REPORT_FORMAT } from '../common-options.js'
import { displayable } from '../displayable.js'
import { EXIT, messageOf, UsageError } from '../exit.js'
import { padEnd, width } from '../text.js'

export const command: Command = {
  name: 'check',
  usage: '--config FILE [--source NAME]… [--format table|json]',
  about: 'Tries each source of the config and says in one sentence what works, or what is wrong and what to do. Reads no sessions.',
  options: {
    config: { value: 'FILE', help: 'JSON config with named sources' },
    source: { value: 'NAME|PATH', repeatable: true, help: 'only this source; may be repeated' },
    ...REPORT_FORMAT
  },
  examples: ['sessionql check --config sources.json', 'sessionql check --source "visits-*.ndjson"'],
  run
}

async function run(options: Options, context: Context): Promise<number> {
  if (options.one('config') === undefined && options.all('source').length === 0) throw new UsageError('nothing to check: give --config FILE')
  const { openSources } = await import('../open.js')
  const sources = await openSources(options, context)
  const json = (options.one('format') ?? (context.out.isTTY ? 'table' : 'json')) === 'json'
  const results = await Promise.all(sources.map(async source => {
    const { ok, message } = await source.check({ signal: context.signal }).catch((error: unknown) => ({ ok: false, message: messageOf(error) }))
    return { source: source.name, ok, message }
  }))
  context.signal.throwIfAborted()
  const names = results.reduce((most, { source }) => Math.max(most, width(source)), 0)
  await context.out.write(results.map(({ source, ok, message }) => json
    ? `${JSON.stringify({ source, ok, message })}\n`
    : `${ok ? 'ok  ' : 'FAIL'}  ${padEnd(displayable(source), names)}  ${displayable(message)}\n`))
  return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.source
}

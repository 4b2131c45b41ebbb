/** `sessionql explain`: how a query would be run. */
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { CONSENT_OPTION } from '../consent.js'
import { DATA_OPTIONS, QUERY_OPTION, REPORT_FORMAT } from '../common-options.js'
import { outline } from '../outline.js'

export const command: Command = {
  name: 'explain',
  usage: '[--source PATH|NAME|-]… [--config FILE] [--data DIR] [--query FILE] [OPTIONS]',
  about: `Shows the plan of a query: which segments are read, which columns, and how they are grouped and aggregated.
The query is checked but not run. Sources are read as for query, since the plan depends on what there is.`,
  options: { ...DATA_OPTIONS, ...CONSENT_OPTION, ...QUERY_OPTION, ...REPORT_FORMAT },
  examples: [
    'sessionql explain --data store < query.json',
    'sessionql explain --source visits.ndjson --query query.json --format json'
  ],
  run
}

async function run(options: Options, context: Context): Promise<number> {
  const json = (options.one('format') ?? (context.out.isTTY ? 'table' : 'json')) === 'json'
  let first = true
  const { answerAll } = await import('../answer.js')
  return answerAll(options, context, {
    lines: json,
    async answer(engine, input) {
      const plan = engine.explain(input)
      await context.out.write(json ? [`${JSON.stringify(plan)}\n`] : [first ? '' : '\n', ...outline(plan)], context.signal)
      first = false
    }
  })
}

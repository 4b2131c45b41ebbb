/** `sessionql query`: JSON queries in, answers out, one after the other. */
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { CONSENT_OPTION } from '../consent.js'
import { DATA_OPTIONS, QUERY_OPTION, RESULT_FORMAT } from '../common-options.js'
import { formatEntries, formatResult, isLineFormat, type Format } from '../format.js'
import type { ResultTable } from '../result.js'

export const command: Command = {
  name: 'query',
  usage: '[--source PATH|NAME|-]… [--config FILE] [--data DIR] [--query FILE] [OPTIONS]',
  about: `Answers JSON queries over sessions. The query comes on stdin or from --query: one JSON value, over as many
lines as it likes, gives one answer; one query per line gives one answer per line, in order and at once, so that
another program can keep the pipe open and ask. A faulty query gives an error line (json and ndjson) and the
next one is answered; the exit code is then 3.

Without --data the sources are read into memory when the first query needs them: systems that can be asked for a
time range for the query's interval alone, and again when a later query reaches beyond it; files as a whole, once.
With --data they are read into the folder first; without --source and --config the folder is asked as it is.

A query with a queryType is one of Apache Druid's, and is answered in Druid's JSON.

Data goes to stdout, everything else to stderr.`,
  options: { ...DATA_OPTIONS, ...CONSENT_OPTION, ...QUERY_OPTION, ...RESULT_FORMAT },
  examples: [
    'sessionql query --source visits.ndjson < query.json',
    'sessionql query --source "2025-*.csv.gz" --query query.json --format chart',
    'sessionql query --config sources.json --source web --source video --query query.json',
    'zcat visits.gz | sessionql query --source - --query query.json'
  ],
  run
}

async function run(options: Options, context: Context): Promise<number> {
  const format = (options.one('format') ?? (context.out.isTTY ? 'table' : 'json')) as Format
  let first = true
  const { answerAll } = await import('../answer.js')
  return answerAll(options, context, {
    lines: isLineFormat(format),
    async answer(engine, input) {
      const result = await engine.query(input, { signal: context.signal })
      const pieces = Array.isArray(result) ? formatEntries(result, options.one('format') as Format | undefined, context.out.isTTY)
        : formatResult(result as ResultTable, format, context.canvas)
      await context.out.write(first || isLineFormat(format) ? pieces : ['\n', ...pieces], context.signal)
      first = false
    }
  })
}

/** `sessionql query`: JSON queries in, answers out, one after the other. */
import type { Options } from '../arguments.js'
import type { Command, Context } from '../command.js'
import { CONSENT_OPTION } from '../consent.js'
import { DATA_OPTIONS, FOLLOW_OPTIONS, QUERY_OPTION, RESULT_FORMAT, THREADS_OPTION } from '../common-options.js'
import type { ColumnarFormat } from '../columnar-formats.js'
import { UsageError } from '../exit.js'
import { isColumnar, isLineFormat, type Format, type TextFormat } from '../formats.js'
import { formatEntries, formatJson } from '../json-result.js'
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

With --follow one query is kept up to date until Ctrl-C: over files of lines that grow, sessions on stdin, or a data folder
that another process writes. A terminal gets a table or chart that is redrawn in place; a pipe gets one frame a line, first
the answer, then what changed in it.

A query with a queryType is one of Apache Druid's, and is answered in Druid's JSON.

Data goes to stdout, everything else to stderr.`,
  options: { ...DATA_OPTIONS, ...THREADS_OPTION, ...CONSENT_OPTION, ...QUERY_OPTION, ...FOLLOW_OPTIONS, ...RESULT_FORMAT },
  examples: [
    'sessionql query --source visits.ndjson < query.json',
    'sessionql query --source "2025-*.csv.gz" --query query.json --format chart',
    'sessionql query --config sources.json --source web --source video --query query.json',
    'sessionql query --data store --query query.json --format parquet > result.parquet',
    'sessionql query --source visits.ndjson --query query.json --follow --format chart',
    'zcat visits.gz | sessionql query --source - --query query.json'
  ],
  run
}

async function run(options: Options, context: Context): Promise<number> {
  if (options.one('follow') !== undefined) {
    const { follow } = await import('../follow.js')
    return follow(options, context)
  }
  if (options.one('lateness') !== undefined) throw new UsageError('--lateness says when buckets of a query that is followed are final: add --follow')
  const chosen = options.one('format') as Format | undefined
  const format = chosen ?? (context.out.isTTY ? 'table' : 'json')
  if (isColumnar(format) && context.out.isTTY) {
    throw new UsageError(`--format ${format} is binary and not for a terminal; send it to a file: sessionql query … --format ${format} > result.${format}`)
  }
  let first = true
  const { answerAll } = await import('../answer.js')
  return answerAll(options, context, {
    lines: isLineFormat(format),
    async answer(engine, input) {
      if (format === 'parquet' && !first) throw new UsageError('--format parquet: a Parquet file holds one answer; give one query, or use --format arrow')
      const result = await engine.query(input, { signal: context.signal })
      if (Array.isArray(result)) await write(formatEntries(result, chosen, context.out.isTTY))
      else if (isColumnar(format)) await writeColumnar(result as ResultTable, format, context)
      else await write(await formatted(result as ResultTable, format, context))
      if (format !== 'json' && 'next' in result && result.next !== null) context.say(`there are more sessions: they follow with "after": "${result.next}"`)
      first = false
    }
  })

  function write(pieces: Iterable<string>): Promise<void> {
    return context.out.write(first || isLineFormat(format) ? pieces : ['\n', ...pieces], context.signal)
  }
}

/** What is for people takes a while to load. */
async function formatted(result: ResultTable, format: TextFormat, { canvas }: Context): Promise<Iterable<string>> {
  if (format === 'json') return formatJson(result)
  const { formatResult } = await import('../format.js')
  return formatResult(result, format, canvas)
}

async function writeColumnar(result: ResultTable, format: ColumnarFormat, { out, signal }: Context): Promise<void> {
  if (result.totals !== undefined || result.subtotals !== undefined) {
    throw new UsageError(`--format ${format}: totals and subtotals cannot be told from other rows there; ask for them with --format json, ndjson or csv`)
  }
  const { encodeResult } = await import('../columnar.js')
  await out.writeBytes(encodeResult(result, format), signal)
}

/** Options that several commands share, so that they mean the same everywhere. */
import type { OptionSpecs } from './arguments.js'
import { FORMATS } from './formats.js'

export const DATA_OPTIONS: OptionSpecs = {
  source: {
    value: 'PATH|NAME|-',
    repeatable: true,
    help: 'a file or quoted glob (NDJSON, JSON, CSV, TSV, Parquet, Arrow, .gz, .zst), a source of the config, or - for sessions on stdin; may be repeated'
  },
  config: { value: 'FILE', help: 'JSON config with named sources; without --source all of them' },
  data: { value: 'DIR', help: 'data folder; what is read is stored there, and the next time read on from there' },
  memory: { value: 'SIZE', help: 'most memory for sessions and queries, such as 512MB or 2GiB (default: 3/4 of the machine)' }
}

export const THREADS_OPTION: OptionSpecs = {
  threads: { value: 'N', help: 'most threads for a query, of which one over few sessions uses one (default: as many as the machine has)' }
}

export const QUERY_OPTION: OptionSpecs = {
  query: { value: 'FILE', help: 'file with the query; without it the query is read from stdin' }
}

export const FOLLOW_OPTIONS: OptionSpecs = {
  follow: { help: 'keep the answer of one query up to date, until Ctrl-C' },
  lateness: { value: 'PERIOD', help: 'with --follow: by how much sessions may come after later ones, such as PT1H; buckets before that are final' }
}

export const RESULT_FORMAT: OptionSpecs = {
  format: { value: 'FORMAT', choices: FORMATS, help: `${FORMATS.join(', ')}; default: table on a terminal, json elsewhere` }
}

export const REPORT_FORMATS = ['table', 'json'] as const

export const REPORT_FORMAT: OptionSpecs = {
  format: { value: 'FORMAT', choices: REPORT_FORMATS, help: 'table or json; default: table on a terminal, json elsewhere' }
}

/** The texts of --help. */
import type { Command } from './command.js'
import { padEnd, width, WORD_BREAKS, wrap } from './text.js'

/** Longer lines are hard to read, shorter ones leave no room beside the options. */
const MAX_COLUMNS = 100
const MIN_COLUMNS = 60

export const SUMMARIES: Readonly<Record<string, string>> = {
  query: 'answer JSON queries over files, sources or a data folder',
  sync: 'read all sources of a config, side by side',
  status: 'show how far each source has been read',
  check: 'try the credentials of each source, one sentence each',
  schema: 'list the columns that can be queried',
  explain: 'show how a query would be run',
  compact: 'merge what a data folder holds, and drop what is too old',
  export: 'write the sessions of a data folder as NDJSON, Parquet or Arrow'
}

export function mainHelp(): string {
  const wide = Math.max(...Object.keys(SUMMARIES).map(width))
  return `sessionql: queries over visitor sessions of several vendors

Usage: sessionql COMMAND [OPTIONS]

Commands:
${Object.entries(SUMMARIES).map(([name, summary]) => `  ${padEnd(name, wide)}  ${summary}`).join('\n')}

Options:
  --help     this text; sessionql COMMAND --help for a command
  --version  the version

Exit codes: 0 ok, 2 usage or config, 3 a faulty query, 4 a source failed, 5 a limit was exceeded, 130 interrupted.
`
}

/** @param columns width of the terminal */
export function commandHelp({ name, usage, about, options, examples }: Command, columns: number): string {
  const room = Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, columns))
  const entries = Object.entries({ ...options, help: { help: 'this text' } }).map(([option, spec]) => {
    const value = 'value' in spec && spec.value ? ` ${spec.value}` : ''
    return [`--${option}${value}`, spec.help] as const
  })
  const wide = Math.max(...entries.map(([option]) => width(option)))
  const lines = entries.map(([option, help]) => `  ${padEnd(option, wide)}  ${hang(help, wide + 4, room)}`)
  const head = `Usage: sessionql ${name} `
  return `${head}${hang(usage, head.length, room)}

${about.split('\n\n').map(paragraph => hang(paragraph.replaceAll('\n', ' '), 0, room)).join('\n\n')}

Options:
${lines.join('\n')}

Examples:
${examples.map(example => `  ${example}`).join('\n')}
`
}

/** Wrapped, all lines but the first indented. */
function hang(text: string, indent: number, columns: number): string {
  return wrap(text, columns - indent, WORD_BREAKS).join(`\n${' '.repeat(indent)}`)
}

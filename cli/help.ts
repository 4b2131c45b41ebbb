/** The texts of --help. */
import type { Command } from './command.js'
import { padEnd, width } from './text.js'

export const SUMMARIES: Readonly<Record<string, string>> = {
  query: 'answer JSON queries over files, sources or a data folder',
  sync: 'read all sources of a config, side by side',
  check: 'try the credentials of each source, one sentence each',
  schema: 'list the columns that can be queried',
  explain: 'show how a query would be run'
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

export function commandHelp({ name, usage, about, options, examples }: Command): string {
  const entries = Object.entries({ ...options, help: { help: 'this text' } }).map(([option, spec]) => {
    const value = 'value' in spec && spec.value ? ` ${spec.value}` : ''
    return [`--${option}${value}`, spec.help] as const
  })
  const wide = Math.max(...entries.map(([option]) => width(option)))
  const lines = entries.map(([option, help]) => `  ${padEnd(option, wide)}  ${help.replaceAll('\n', `\n${' '.repeat(wide + 4)}`)}`)
  return `Usage: sessionql ${name} ${usage}

${about}

Options:
${lines.join('\n')}

Examples:
${examples.map(example => `  ${example}`).join('\n')}
`
}

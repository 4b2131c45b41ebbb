/** The command line, read strictly: an unknown word is an error with the nearest known one, never ignored. */
import { parseArgs } from 'node:util'
import { nearest } from '../dsl/suggest.js'
import { UsageError } from './exit.js'

export interface OptionSpec {
  /** What stands for the value in the help; absent for a switch. */
  readonly value?: string
  readonly repeatable?: boolean
  /** Allowed values. */
  readonly choices?: readonly string[]
  /** Lines of the help. */
  readonly help: string
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** Values by name: an array for a repeatable option. Switches are '' when given. */
export interface Options {
  one(name: string): string | undefined
  all(name: string): readonly string[]
}

const ALWAYS: OptionSpecs = { help: { help: 'this text' } }

/** @throws UsageError */
export function readOptions(args: readonly string[], specs: OptionSpecs): Options {
  const known: OptionSpecs = { ...specs, ...ALWAYS }
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(Object.entries(known).map(([name, { value }]) => [name, { type: value ? 'string' as const : 'boolean' as const }]))
  })
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw new UsageError(unexpected(token.value, known))
    const given = values.get(token.name) ?? []
    values.set(token.name, [...given, checked(token, known, given.length)])
  }
  return { one: name => values.get(name)?.[0], all: name => values.get(name) ?? [] }
}

interface OptionToken { readonly name: string, readonly rawName: string, readonly value: string | undefined, readonly inlineValue: boolean | undefined }

function checked({ name, rawName, value, inlineValue }: OptionToken, known: OptionSpecs, before: number): string {
  const spec = Object.hasOwn(known, name) ? known[name] : undefined
  if (!spec) throw new UsageError(`unknown option ${rawName}.${didYouMean(rawName, Object.keys(known).map(option => `--${option}`))}`)
  if (before > 0 && !spec.repeatable && spec.value) throw new UsageError(`${rawName} is given twice, and takes one value`)
  if (!spec.value) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`)
    return ''
  }
  const looksLikeOption = value !== undefined && !inlineValue && value.length > 1 && value.startsWith('-')
  if (value === undefined || value === '' || looksLikeOption) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}${looksLikeOption ? ` (to begin it with a dash: ${rawName}=${value})` : ''}`)
  }
  if (spec.choices && !spec.choices.includes(value)) {
    throw new UsageError(`${rawName} ${JSON.stringify(value)}: one of ${spec.choices.join(', ')} is expected.${didYouMean(value, spec.choices)}`)
  }
  return value
}

/** A sentence beginning with a blank, or '' where nothing is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known)
  return found === undefined ? '' : ` Did you mean ${found}?`
}

function unexpected(word: string, known: OptionSpecs): string {
  const hint = known['source'] ? ` Each file or source is given as --source ${word}; a glob is put in quotes` : ''
  return `unexpected argument ${JSON.stringify(word)}.${hint}`
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1], ['b', 1], ['kb', 1e3], ['mb', 1e6], ['gb', 1e9],
  ['k', 2 ** 10], ['m', 2 ** 20], ['g', 2 ** 30], ['kib', 2 ** 10], ['mib', 2 ** 20], ['gib', 2 ** 30]
])

/** Bytes: a number with an optional unit, `512MB`, `2GiB`, `1.5g`. */
export function parseSize(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? []
  const factor = UNITS.get(unit?.toLowerCase() ?? '-')
  const bytes = factor === undefined ? 0 : Math.floor(Number(number) * factor)
  if (bytes < 1) throw new UsageError(`--memory ${JSON.stringify(text)}: a size such as 512MB or 2GiB is expected`)
  return bytes
}

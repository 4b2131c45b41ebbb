/** The config file: {"sources": {NAME: {"type": …, …}}}, with values from the environment. */
import { readFile } from 'node:fs/promises'
import { SessionqlError } from '../dsl/errors.js'
import { isRecord } from './record/fields.js'
import { jsonFault } from './record/json.js'
import { sourceType, unknownType, type KeyKind } from './registry.js'
import { suggestion } from './suggestion.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** Checked keys of one source, with all variables filled in; `createSource` makes the source of it. */
export type SourceConfig = Readonly<Record<string, unknown>> & { readonly type: string }

export interface Config {
  /** In the order of the file. */
  readonly sources: ReadonlyMap<string, SourceConfig>
  /** One sentence each; never with the secret itself. */
  readonly warnings: readonly string[]
}

/** `${VAR}`, `${VAR:-default}`, `${VAR:?message}`, `$$`, or a `${` that is none of these. */
const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([^}]*))?\}|\$\{/g
/** What secrets are called in the settings of other programs. */
const SECRET_NAME = /password|passphrase|secret|token|credential|api_?key|private_?key|access_?key/i
const WHOLE_REFERENCE = /^\$\{[^}]*\}$/

/** Reads the config file at `path`. Throws SessionqlError file_not_found or invalid_config. */
export async function loadConfig(path: string, env: Environment = process.env): Promise<Config> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SessionqlError('file_not_found', `the config file ${path} cannot be read; check the path`, { cause: error })
  })
  return parseConfig(text, env)
}

/** Checks a config, given as JSON text or as its object. Throws SessionqlError invalid_config, naming source and key. */
export function parseConfig(input: string | object, env: Environment = process.env): Config {
  const config = typeof input === 'string' ? parseText(input) : input
  if (!isRecord(config)) throw fault('must be an object such as {"sources": {"web": {"type": "file", "path": "visits.ndjson"}}}')
  for (const key of Object.keys(config)) {
    if (key !== 'sources' && key !== '$schema') throw fault(`has the unknown key ${JSON.stringify(key)}; its only key is "sources".${suggestion(key, ['sources'])}`)
  }
  if (!isRecord(config['sources']) || Object.keys(config['sources']).length === 0) throw fault('needs "sources": an object with one entry per source')
  const sources = new Map<string, SourceConfig>()
  const warnings: string[] = []
  for (const [name, source] of Object.entries(config['sources'])) {
    if (name.trim() === '') throw fault('has a source without a name')
    sources.set(name, readSource(name, source, env, warnings))
  }
  return { sources, warnings }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw fault(`is ${jsonFault(error)}${lineOf(text, error)}`)
  }
}

function lineOf(text: string, error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  return position === undefined ? '' : `, line ${text.slice(0, Number(position)).split('\n').length}`
}

function readSource(name: string, source: unknown, env: Environment, warnings: string[]): SourceConfig {
  if (!isRecord(source)) throw fault('must be an object with a "type"', name)
  const type = substitute(source['type'], env, name, 'type')
  const found = typeof type === 'string' ? sourceType(type) : undefined
  if (!found || typeof type !== 'string') throw fault(unknownType(type), name)
  const keys = new Map(Object.entries(found.keys))
  const checked: Record<string, unknown> & { type: string } = { type }
  for (const [key, raw] of Object.entries(source)) {
    if (key === 'type') continue
    const kind = keys.get(key)
    if (kind === undefined) {
      const known = [...keys.keys()]
      throw fault(`${JSON.stringify(key)} is not a key of the type ${type}; its keys are ${known.join(', ')}.${suggestion(key, known)}`, name)
    }
    const value = converted(substitute(raw, env, name, key), raw, kind)
    if (value !== null && !isOfKind(value, kind)) throw fault(`"${key}" must be ${KINDS[kind]}, got ${kindOf(value)}`, name)
    const literal = kind === 'settings' ? literalSecrets(raw, key) : kind === 'secret' ? literals(raw, key) : []
    for (const path of literal) {
      const variable = `\${${variableName(name, path)}}`
      warnings.push(`source ${JSON.stringify(name)}: ${JSON.stringify(path)} stands in the config file itself; put it into the environment and write "${variable}".`)
    }
    checked[key] = value
  }
  return checked
}

const KINDS: Readonly<Record<KeyKind, string>> = {
  string: 'a string', secret: 'a string', id: 'a string or an integer', number: 'a number', boolean: 'true or false',
  list: 'an array', object: 'an object', settings: 'an object'
}

function isOfKind(value: unknown, kind: KeyKind): boolean {
  if (kind === 'list') return Array.isArray(value)
  if (kind === 'object' || kind === 'settings') return isRecord(value)
  if (kind === 'number' || kind === 'boolean') return typeof value === kind
  return typeof value === 'string' || (kind === 'id' && Number.isSafeInteger(value))
}

/** The environment holds text only: a number or boolean that comes from there is read as one. */
function converted(value: unknown, raw: unknown, kind: KeyKind): unknown {
  if (typeof value !== 'string' || typeof raw !== 'string' || !WHOLE_REFERENCE.test(raw)) return value
  if (kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return kind === 'number' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
}

/** Fills variables into every string of a value. */
function substitute(value: unknown, env: Environment, source: string, key: string): unknown {
  if (typeof value === 'string') return filled(value, env, source, key)
  if (Array.isArray(value)) return value.map((item, index) => substitute(item, env, source, `${key}[${index}]`))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, substitute(item, env, source, `${key}.${inner}`)]))
}

function filled(text: string, env: Environment, source: string, key: string): string {
  return text.replace(REFERENCE, (reference: string, name: string | undefined, operator: string | undefined, argument = '') => {
    if (reference === '$$') return '$'
    if (name === undefined) {
      throw fault(`"${key}" holds a "\${" that is no variable; write \${NAME}, \${NAME:-default} or \${NAME:?message}, and $$ for a dollar`, source)
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (operator === undefined ? value !== undefined : value) return value ?? ''
    if (operator === ':-') return argument
    const advice = operator === ':?' && argument !== '' ? argument : `set it, or write \${${name}:-default}`
    throw fault(`"${key}" needs the environment variable ${name}, which is not set: ${advice}`, source)
  })
}

/** `path` where there is a text that does not come from the environment. */
function literals(raw: unknown, path: string): string[] {
  return typeof raw === 'string' && raw !== '' && !refersToEnvironment(raw) ? [path] : []
}

/** Paths of such texts in the settings of another program, by what their names say. */
function literalSecrets(raw: unknown, path: string): string[] {
  if (!isRecord(raw)) return []
  return Object.entries(raw).flatMap(([name, value]) => {
    const inner = `${path}.${name}`
    return isRecord(value) ? literalSecrets(value, inner) : SECRET_NAME.test(name) ? literals(value, inner) : []
  })
}

function refersToEnvironment(text: string): boolean {
  return text.replaceAll('$$', '').includes('${')
}

function variableName(source: string, key: string): string {
  return `${source}_${key}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_').replace(/^(?=\d)/, '_')
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function fault(problem: string, source?: string): SessionqlError {
  const where = source === undefined ? 'the config' : `source ${JSON.stringify(source)}:`
  return new SessionqlError('invalid_config', `${where} ${problem}`)
}

/** The types of sources, each with its factory and its keys. */
import { createConvivaSource } from './conviva/conviva.js'
import { SourceError } from './errors.js'
import { createFileSource } from './file/file.js'
import { createGenesys } from './genesys/genesys.js'
import { createGiosgSource } from './giosg/giosg.js'
import { createPublicaConsumption } from './publica-consumption/publica-consumption.js'
import { createPublicaReader } from './publica-reader/publica-reader.js'
import { Budgets } from './http/budgets.js'
import { resumable } from './resumable.js'
import type { Source } from './source.js'
import { suggestion } from './suggestion.js'
import { createTapSource } from './tap/tap.js'

/** What the value of a key is. An `id` is a string or an integer; a `secret` is a string that no message shows; `settings` are those of another program, some of them secret. */
export type KeyKind = 'string' | 'secret' | 'settings' | 'id' | 'number' | 'boolean' | 'list' | 'object'

export interface SourceType {
  readonly keys: Readonly<Record<string, KeyKind>>
  /** Throws SourceError invalid_config. */
  create(name: string, config: Readonly<Record<string, unknown>>, budgets?: Budgets): Source
}

const HTTP_KEYS = { base_url: 'string', allow_http: 'boolean', concurrency: 'number', requests_per_minute: 'number' } as const
const TAP_KEYS = {
  command: 'list', config: 'settings', config_file: 'string', catalog: 'string', state_file: 'string', streams: 'list', map: 'object', max_bad_share: 'number'
} as const

const TYPES: ReadonlyMap<string, SourceType> = new Map<string, SourceType>([
  ['publica-consumption', { keys: { ...HTTP_KEYS, api_token: 'secret', lookback: 'string', filters: 'object' }, create: createPublicaConsumption }],
  ['publica-reader', {
    keys: { ...HTTP_KEYS, access_token: 'secret', tenant_id: 'id', issue_ids: 'list', preview: 'boolean', reader_token: 'secret' },
    create: createPublicaReader
  }],
  ['genesys', {
    keys: {
      ...HTTP_KEYS, path_prefix: 'string', username: 'string', password: 'secret', session_ids: 'list', visit_ids: 'list', identity_ids: 'list',
      discover: 'boolean', include_events: 'boolean', include_pages: 'boolean', max_age: 'string',
      visits_within: 'string'
    },
    create: createGenesys
  }],
  ['conviva', {
    keys: { ...HTTP_KEYS, client_id: 'string', client_secret: 'secret', lookback: 'string', limit: 'number', filters: 'object' },
    create: createConvivaSource
  }],
  ['giosg', { keys: { ...HTTP_KEYS, organization_id: 'id', api_key: 'secret', lookback: 'string' }, create: createGiosgSource }],
  ['file', {
    keys: { path: 'string', format: 'string', map: 'object', shape: 'string', delimiter: 'string', strings: 'list', follow: 'boolean', max_bad_share: 'number' },
    create: (name, config) => createFileSource(name, config)
  }],
  ['singer', { keys: TAP_KEYS, create: (name, config) => createTapSource('singer', name, config) }],
  ['airbyte', { keys: TAP_KEYS, create: (name, config) => createTapSource('airbyte', name, config) }]
])

export const SOURCE_TYPES: readonly string[] = [...TYPES.keys()]

/** Undefined for a type that does not exist. */
export function sourceType(type: string): SourceType | undefined {
  return TYPES.get(type)
}

/**
 * A source of any type: `config.type` says which. Its states are bookmarks, see `resumable`. Sources that are made with the same
 * `budgets` share those of their accounts. Throws SourceError invalid_config, naming source and key.
 */
export function createSource(name: string, config: Readonly<Record<string, unknown>>, budgets = new Budgets()): Source {
  const { type } = config
  const found = typeof type === 'string' ? TYPES.get(type) : undefined
  if (!found) throw new SourceError('invalid_config', name, unknownType(type))
  return resumable(found.create(name, config, budgets))
}

/** What is wrong with the value of "type". */
export function unknownType(type: unknown): string {
  const types = `it must be one of ${SOURCE_TYPES.join(', ')}`
  if (typeof type !== 'string') return `"type" is missing or not a string; ${types}.`
  return `"type" is ${JSON.stringify(type)}; ${types}.${suggestion(type, SOURCE_TYPES)}`
}

/** The config file as a JSON Schema, so that editors complete and check it. Made of the keys that sources are read by. */
import { FILE_FORMATS } from './file/open.js'
import { SHAPE_NAMES } from './file/shapes.js'
import { SOURCE_TYPES, sourceType, type KeyKind } from './registry.js'

type JsonSchema = Readonly<Record<string, unknown>>

interface Described {
  readonly about: string
  readonly required: readonly string[]
  readonly keys: Readonly<Record<string, string>>
}

const LOOKBACK = 'How far back sessions are read again, as an ISO-8601 duration such as PT24H: they change, or come late.'
const HTTP = {
  base_url: 'Address of the system, https; without a path of the API.',
  allow_http: 'Allows for http to another machine, which sends the credentials unencrypted.',
  concurrency: 'Requests of this account that are under way at once.',
  requests_per_minute: 'Requests of this account within any minute.'
}
const RECORDS = {
  map: 'Columns by the paths of their values: {"started_at": "meta.begun"}.',
  max_bad_share: 'Share of unreadable records, 0 to 1, above which the source fails. Default 0.01.'
}
const TAP = {
  command: 'The program and its arguments, such as ["tap-crm"]; without it messages are read from standard input.',
  config: 'What the tap is configured with. Keep its secrets in the environment: "${NAME}".',
  config_file: 'Path of the JSON that the tap is configured with, in place of "config".',
  catalog: 'Path of the catalog.',
  state_file: 'Where the state of messages on standard input is written once it is durable.',
  streams: 'Streams whose records are sessions; default all.',
  ...RECORDS
}

const TYPES: Readonly<Record<string, Described>> = {
  'publica-consumption': {
    about: 'Consumption sessions of publica.la.',
    required: ['base_url', 'api_token'],
    keys: { ...HTTP, api_token: 'X-User-Token of the integration API.', lookback: LOOKBACK, filters: 'issue_id, user_id, reason_type and reason_value.' }
  },
  'publica-reader': {
    about: 'Reader sessions of publica.la. Reading creates them.',
    required: ['base_url', 'access_token', 'tenant_id', 'issue_ids'],
    keys: {
      ...HTTP, access_token: 'Bearer token.', tenant_id: 'X-Farfalla-Tenant-Id.', issue_ids: 'Issues to open, each once per sync.',
      preview: 'Opens previews. Default false.', reader_token: 'Where the tenant asks for one.'
    }
  },
  genesys: {
    about: 'Genesys Web Engagement.',
    required: ['base_url'],
    keys: {
      ...HTTP, path_prefix: 'Path of the API, default /backend/data.', username: 'For Basic authentication.', password: 'For Basic authentication.',
      session_ids: 'Sessions to read.', visit_ids: 'Visits whose sessions are read.', identity_ids: 'Identities whose visits are read.',
      discover: 'Walks all identities.', include_events: 'Asks for the events of every session.', include_pages: 'Asks for the pages of every session.',
      max_age: 'How long a session that stays open is read again, as an ISO-8601 duration. Default PT24H.',
      visits_within: 'For how long after its start a visit may get new sessions, as an ISO-8601 duration: later syncs walk no older ones. Default: all are walked.'
    }
  },
  conviva: {
    about: 'Video sessions of Conviva.',
    required: ['client_id', 'client_secret'],
    keys: {
      ...HTTP, client_id: 'Client of the Insights API.', client_secret: 'Its secret.', lookback: LOOKBACK, limit: 'Sessions per request, 1 to 1500. Default 1500.',
      filters: 'Handed on as parameters: is_video_start_failure, tag_NAME, dimensions.'
    }
  },
  giosg: {
    about: 'Visitor sessions of giosg.',
    required: ['organization_id', 'api_key'],
    keys: { ...HTTP, organization_id: 'The organization.', api_key: 'Token of the reporting API.', lookback: LOOKBACK }
  },
  file: {
    about: 'Files, a glob of them, or standard input.',
    required: ['path'],
    keys: {
      path: 'A path or a glob; "-" is standard input.', format: 'Default: by the ending, else by the first bytes.',
      shape: 'The records are recorded responses of this system.',
      delimiter: 'Between the cells of CSV: one character. Default: by the first line.', strings: 'CSV columns that stay text although their cells look like numbers.',
      follow: 'Never ends: waits for new lines of NDJSON, across rotation.', ...RECORDS
    }
  },
  singer: { about: 'A Singer tap, or its messages on standard input.', required: [], keys: TAP },
  airbyte: { about: 'An Airbyte source, or its messages on standard input.', required: [], keys: TAP }
}

const CHOICES: Readonly<Record<string, readonly string[]>> = { format: FILE_FORMATS, shape: SHAPE_NAMES }
const VARIABLE = { type: 'string', pattern: '^\\$\\{[^}]*\\}$' }

/** What a key's value looks like in the file, where a variable of the environment may stand for it. */
const KINDS: Readonly<Record<KeyKind, JsonSchema>> = {
  string: { type: 'string' },
  secret: { type: 'string' },
  id: { type: ['string', 'integer'] },
  number: { anyOf: [{ type: 'number' }, VARIABLE] },
  boolean: { anyOf: [{ type: 'boolean' }, VARIABLE] },
  list: { type: 'array', items: { type: ['string', 'integer'] } },
  object: { type: 'object' },
  settings: { type: 'object' }
}

export const CONFIG_SCHEMA: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Config of sessionql',
  description: 'Sources of visitor sessions. In texts, ${VAR}, ${VAR:-default} and ${VAR:?message} come from the environment; $$ is a dollar.',
  type: 'object',
  properties: {
    $schema: { type: 'string', description: 'This schema, for editors.' },
    sources: {
      type: 'object', description: 'Sources by name; sessions carry it as "source".', minProperties: 1,
      additionalProperties: { oneOf: SOURCE_TYPES.map(sourceSchema) }
    }
  },
  required: ['sources'],
  additionalProperties: false
}

function sourceSchema(type: string): JsonSchema {
  const { about = '', required = [], keys = {} } = TYPES[type] ?? {}
  const properties = Object.entries(sourceType(type)!.keys).map(([key, kind]) => {
    const secret = kind === 'secret' ? ' Keep it in the environment: "${NAME}".' : ''
    const choices = type === 'file' ? CHOICES[key] : undefined
    const value = choices === undefined ? KINDS[kind] : { anyOf: [{ enum: choices }, VARIABLE] }
    return [key, { description: `${keys[key] ?? ''}${secret}`, ...value }] as const
  })
  return {
    type: 'object', description: about, properties: { type: { const: type, description: about }, ...Object.fromEntries(properties) },
    required: ['type', ...required], additionalProperties: false
  }
}

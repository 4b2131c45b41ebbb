import { isRecord, type JsonObject } from './fields.js'

/** Keys under which the systems, and most others, put the rows of a page. */
const ROW_KEYS = ['data', 'sessions', 'content', 'visits', 'identities', 'results', 'items', 'records', 'rows']

/** The rows of a page's body; null where the value is no page. */
export function pageRows(body: object): JsonObject[] | null {
  if (Array.isArray(body)) return body.length > 0 && body.every(isRecord) ? body : null
  const page = body as JsonObject
  if (isTable(page)) return tableRows(page)
  for (const key of ROW_KEYS) {
    const rows = Object.hasOwn(page, key) ? page[key] : undefined
    if (Array.isArray(rows) && rows.every(isRecord)) return rows
  }
  return null
}

/** giosg's answers: names in `fields`, rows in `data`. */
export interface Table {
  readonly fields: readonly { readonly name: string }[]
  readonly data: readonly (readonly unknown[])[]
}

export function isTable(value: unknown): value is Table {
  if (!isRecord(value)) return false
  const { fields, data } = value
  return Array.isArray(fields) && Array.isArray(data) &&
    fields.every(field => isRecord(field) && typeof field['name'] === 'string') && data.every(row => Array.isArray(row))
}

function tableRows({ fields, data }: Table): JsonObject[] {
  return data.map(cells => Object.fromEntries(fields.map((field, index) => [field.name, cells[index]])))
}

/** Changes to the answers of any of the systems, as a faulty one would make them. */

type Json = Record<string, unknown>

/** A column that no truth has; comparisons leave it out. */
export const UNKNOWN_FIELD = 'sandbox_extra'

export const EDITS: Readonly<Record<string, (body: unknown) => unknown>> = {
  duplicated: body => withRows(body, rows => rows.flatMap((row, index) => index % 3 === 0 ? [row, row] : [row])),
  poisoned: body => withRows(body, (rows, isTable) => isTable ? [...rows, []] : [...rows, null, { nothing: 'of use' }]),
  unknown: addField
}

/** Rows stand in an array, or in an object under the name of a list; a single entity has none. */
function withRows(body: unknown, change: (rows: unknown[], isTable: boolean) => unknown[]): unknown {
  if (Array.isArray(body)) return change(body, false)
  if (typeof body !== 'object' || body === null) return body
  const name = Object.keys(body).find(key => key !== 'fields' && Array.isArray((body as Json)[key]))
  // an entity may hold lists of its own
  if (name === undefined || 'token' in body) return body
  return { ...body, [name]: change((body as Json)[name] as unknown[], 'fields' in body) }
}

function addField(body: unknown): unknown {
  if (typeof body === 'object' && body !== null && 'fields' in body) {
    const { fields, data } = body as { fields: unknown[]; data: unknown[][] }
    return { fields: [...fields, { name: UNKNOWN_FIELD, type: 'dimension' }], data: data.map(row => row.concat('x')) }
  }
  return withRows(body, rows => rows.map(row => typeof row === 'object' && row !== null ? { ...row, [UNKNOWN_FIELD]: { deep: ['x', 1] } } : row))
}

/** Leads every page back to the one that the first of these answers led to. */
export function loop(): (body: unknown) => unknown {
  let first: object | null = null
  return body => {
    const page = body as { next_cursor?: unknown; next_page_url?: unknown }
    first ??= { next_cursor: page.next_cursor, next_page_url: page.next_page_url }
    return { ...page, ...first }
  }
}

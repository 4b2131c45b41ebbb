/** Names and values as SQL text. */

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const text = (value: string | number): string => typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`

export const list = (values: readonly (string | number)[]): string => `(${values.map(text).join(', ')})`

/** An instant as a zoneless TIMESTAMP in UTC. */
export const timestamp = (ms: number): string => `TIMESTAMP '${new Date(ms).toISOString().slice(0, -1).replace('T', ' ')}'`

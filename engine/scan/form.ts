/** What lines look like that a kernel reads: the order of their keys, and how these are written. */
import type { FormField } from './line-kernel.js'
import type { Field } from './line-scanner.js'

const SPACE = 32
const QUOTE = 34
const COLON = 58

/** @param spaced one blank stands behind each comma and colon */
export function formField({ key, role, column }: Field, spaced: boolean): FormField {
  return { key: Uint8Array.of(QUOTE, ...key, QUOTE, COLON, ...spaced ? [SPACE] : []), kind: role === 'column' ? column.type : role }
}

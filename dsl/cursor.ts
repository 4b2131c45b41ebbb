/**
 * The cursor of a list of sessions: a place in their order as an opaque text. It holds the place itself and not a number of rows,
 * so it keeps its meaning while sessions come and go.
 *
 * Form: base64url of UTF-8 JSON `[version, check, order, start, source, session_id]`, where `check` is the FNV-1a hash of the JSON of all after it.
 */
import type { Position } from './query.js'

const VERSION = 1

export interface Cursor {
  readonly after: Position
  readonly descending: boolean
}

export function writeCursor({ after, descending }: Cursor): string {
  const place = [descending ? 'descending' : 'ascending', after.start, after.source, after.sessionId]
  return toBase64Url(JSON.stringify([VERSION, checkOf(place), ...place]))
}

/** The cursor of a text that `writeCursor` wrote, null for any other. */
export function readCursor(text: string): Cursor | null {
  const parts = parseParts(text)
  if (parts === null) return null
  const [version, check, ...place] = parts
  if (version !== VERSION || check !== checkOf(place)) return null
  const [order, start, source, sessionId] = place as [string, number, string, string]
  return { after: { start, source, sessionId }, descending: order === 'descending' }
}

function parseParts(text: string): readonly unknown[] | null {
  try {
    const parts: unknown = JSON.parse(fromBase64Url(text))
    return Array.isArray(parts) ? parts : null
  } catch {
    return null
  }
}

function toBase64Url(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** @throws where the text is not base64url of UTF-8 */
function fromBase64Url(text: string): string {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, byte => byte.charCodeAt(0)))
}

/** FNV-1a (Fowler, Noll and Vo) over UTF-16 units, 32 bits. */
function checkOf(place: readonly unknown[]): number {
  const text = JSON.stringify(place)
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

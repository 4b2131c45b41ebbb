import { unknownState } from '../errors.js'
import { isRecord } from '../record/fields.js'

export interface PublicaReaderState {
  readonly version: 2
  /** Issues that an unfinished sync has opened; they are not opened again when it goes on. */
  readonly opened: readonly string[]
  /** Asked for (at this epoch ms), without an answer so far. After a crash nobody knows whether it was opened: it is not asked for again. */
  readonly pending: { readonly issue: string; readonly asked: number } | null
}

export const NOTHING_OPENED: PublicaReaderState = { version: 2, opened: [], pending: null }

/** Checks a stored state; one of version 1 knew of no pending issue. Throws SourceError invalid_state. */
export function readReaderState(source: string, state: unknown): PublicaReaderState {
  if (state === undefined || state === null) return NOTHING_OPENED
  if (isRecord(state) && Array.isArray(state['opened'])) {
    const opened = state['opened'].map(String)
    const { version, pending } = state
    if (version === 1) return { version: 2, opened, pending: null }
    if (version === 2 && pending === null) return { version, opened, pending }
    if (version === 2 && isRecord(pending) && typeof pending['issue'] === 'string' && Number.isFinite(pending['asked'])) {
      return { version, opened, pending: { issue: pending['issue'], asked: Number(pending['asked']) } }
    }
  }
  throw unknownState(source)
}

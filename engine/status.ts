import type { StorageUsage } from './store/storage.js'

/** What an engine holds and what its store takes. */
export interface Status {
  readonly sessions: number
  readonly segments: number
  /** Standing queries whose frames somebody takes. */
  readonly watches: number
  /** Starts of the first and the last session, epoch ms. */
  readonly range: { readonly start: number, readonly end: number } | null
  readonly memoryBytes: number
  /** null in memory. */
  readonly store: StorageUsage & {
    readonly readOnly: boolean
    /** Why the last checkpoint failed: its sessions are in the log alone until one succeeds. */
    readonly failure: string | null
  } | null
}

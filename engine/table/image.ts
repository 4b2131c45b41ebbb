/** All of a table but its open head, at one moment: what is stored, and what a stored table begins with. */
import type { ColumnType } from '../../dsl/query.js'
import type { Dictionary } from '../column/dictionary.js'
import type { Segment } from './segment.js'

export interface TableImage {
  readonly columns: readonly ImageColumn[]
  readonly segments: readonly ImageSegment[]
}

export interface ImageColumn {
  readonly name: string
  readonly type: ColumnType
  readonly declared: boolean
  readonly dictionary: Dictionary | null
  /** Codes that the dictionary had: 0 … size-1. */
  readonly size: number
}

export interface ImageSegment {
  readonly segment: Segment
  /** Rows before this one are in other segments, or gone. */
  readonly first: number
  readonly deleted: Uint32Array | null
  readonly level: 0 | 1
}

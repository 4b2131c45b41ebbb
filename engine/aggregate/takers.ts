import type { Rows } from '../kernels/select.js'
import type { Taker } from './aggregator.js'

/** Hands rows on one by one. */
export function rowByRow(take: (group: number, row: number) => void): Taker {
  return {
    addRun: (group, rows, from, to) => { for (let i = from; i < to; i++) take(group, rows === null ? i : rows[i]) },
    addPairs: (groups, rows, from, n) => { for (let i = 0; i < n; i++) take(groups[i], rows === null ? from + i : rows[i]) }
  }
}

/** Hands on at most `length` rows at a time: row i of n (rows[i], or from + i) belongs to groups[i], or to the one group. */
export function blockByBlock(length: number, take: (groups: Uint32Array | number, rows: Rows, from: number, n: number) => void): Taker {
  return {
    addRun: (group, rows, from, to) => {
      for (let at = from; at < to; at += length) {
        const n = Math.min(length, to - at)
        take(group, rows === null ? null : rows.subarray(at, at + n), at, n)
      }
    },
    addPairs: (groups, rows, from, n) => {
      for (let at = 0; at < n; at += length) {
        const part = Math.min(length, n - at)
        take(groups.subarray(at, at + part), rows === null ? null : rows.subarray(at, at + part), from + at, part)
      }
    }
  }
}

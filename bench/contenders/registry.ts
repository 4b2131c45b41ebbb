import { createRequire } from 'node:module'
import type { Contender } from './contender.js'

/** `threads`: as many as it may be told to use. */
type Opener = () => Promise<{ open(threads: number): Promise<Contender> }>

/** One file each. A peer is loaded in its own process only. */
export const CONTENDERS: ReadonlyMap<string, Opener> = new Map<string, Opener>([
  ['ours', () => import('./ours.js')],
  ['duckdb', () => import('./duckdb.js')],
  ['clickhouse', () => import('./clickhouse.js')],
  ['arquero', () => import('./arquero.js')],
  ['objects', () => import('./objects.js')]
])

/**
 * What a contender's memory allows beside that of the others; more only where it is asked for by name.
 * An object session takes about 1 KB, one of DuckDB in memory about 200 bytes and while it is sorted twice that; ClickHouse keeps its own on disk.
 */
export const MAX_ROWS: ReadonlyMap<string, number> = new Map([['objects', 2_000_000], ['arquero', 2_000_000], ['duckdb', 30_000_000]])

/** Packages of bench/package.json that a contender needs. */
const PACKAGES: ReadonlyMap<string, string> = new Map([['clickhouse', 'chdb'], ['arquero', 'arquero']])

export function isInstalled(key: string): boolean {
  const needed = PACKAGES.get(key)
  if (needed === undefined) return true
  try {
    createRequire(import.meta.url).resolve(needed)
    return true
  } catch {
    return false
  }
}

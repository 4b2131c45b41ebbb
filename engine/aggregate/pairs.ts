/** Pairs (group, item) of few groups or of many. */
import type { Memory } from '../column/memory.js'
import { BlockReader, pairsOfBlocks } from './block-runs.js'
import { ListReader, pairsOfLists } from './list-runs.js'
import { FEW_PAIRS, PairBlocks } from './pair-blocks.js'
import { MOST_LISTS, PairLists } from './pair-lists.js'
import type { GatheredBlocks, GatheredLists, GatheredPairs, Pairs, RunReader } from './pair-runs.js'

/** With few pairs a list for each of more groups is not worth it. */
const FEW_GROUPS = 64

/** Empty, for the groups there are so far; @see PairLists, PairBlocks */
export function pairsFor(groups: number, expected: number, most: number, memory?: Memory): Pairs {
  return groups <= (expected <= FEW_PAIRS ? FEW_GROUPS : MOST_LISTS) ? new PairLists(groups, expected, most, memory) : new PairBlocks(groups, expected, most, memory)
}

/** All parts are of one kind and have the same groups in a list. `counts`: distinct items other than 0 are all that is asked of them. */
export function readerOf(parts: readonly GatheredPairs[], counts = false): RunReader {
  return parts[0].kind === 'blocks' ? new BlockReader(parts as readonly GatheredBlocks[], counts) : new ListReader(parts as readonly GatheredLists[])
}

/** All pairs, some at a time: groups and items. */
export function pairsOf(pairs: GatheredPairs): Generator<readonly [groups: Uint32Array, items: Uint32Array], void, void> {
  return pairs.kind === 'blocks' ? pairsOfBlocks(pairs) : pairsOfLists(pairs)
}

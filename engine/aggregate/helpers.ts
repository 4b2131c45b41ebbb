/** Other threads that help to finish what all of them gathered (engine/parallel/). */
import { addRows, type GatheredPairs, type RunReader } from './pair-runs.js'
import type { RunCounter } from './run-counter.js'

/** Distinct items of each group of some lists are to be counted: plain data, of which the arrays but those of pairs are in shared memory. */
export interface CountTask {
  readonly parts: readonly GatheredPairs[]
  readonly sketch: boolean
  readonly results: Float64Array
  readonly estimated: Uint8Array
  /** 1 for each list that is not to be counted. */
  readonly skipped: Uint8Array
  /** Pairs of each group are added to it; null where nobody asks. */
  readonly rows: Uint32Array | null
}

export interface Helpers {
  /** It pays from so many pairs on. */
  readonly leastPairs: number
  /** Has pieces 0 … pieces-1 of a task done, some of them here, by `own`. False where not all were: any may be missing. In steps. */
  share(task: CountTask, pieces: number, own: (piece: number) => Generator<void, void, void>): Generator<void, boolean, void>
}

/** Does pieces of a task: its lists. */
export function* countList({ skipped, rows }: Pick<CountTask, 'skipped' | 'rows'>, list: number, reader: RunReader, counter: RunCounter): Generator<void, void, void> {
  if (skipped[list] === 1) return
  const reading = reader.read(list)
  for (;;) {
    const { done, value } = reading.next()
    if (done === true) {
      if (rows !== null) addRows(rows, value)
      counter.count(value)
      return
    }
    yield
  }
}

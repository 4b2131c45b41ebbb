import type { Running } from '../running.js'
import type { Answer } from './live-rows.js'
import type { News } from './news.js'

/** An answer that is kept up to date. */
export interface Standing {
  /** No two rows of an answer are of one group. */
  readonly isKeyed: boolean
  /** Takes changes in. False where the answer must be worked out anew: then nothing else may be asked of this one. */
  apply(news: News): Promise<boolean>
  /** Something was taken back of which the rest does not tell what is without it: `repair` must come before `answer`. */
  readonly isSpoiled: boolean
  /** Works that out from the sessions of `running`; all news up to that moment must have been applied. */
  repair(running: Running): Promise<void>
  answer(): Promise<Answer>
}

/** What the built command has in the place of re2js: reading that package takes longer than most queries, and few have a pattern. */
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

export const RE2JS: Pick<typeof import('re2js').RE2JS, 'compile'> = {
  compile: (...given) => (load('re2js') as typeof import('re2js')).RE2JS.compile(...given)
}

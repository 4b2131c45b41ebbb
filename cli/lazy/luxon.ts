/** What the built command has in the place of Luxon, which is read once a config says a duration. */
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)
const durations = (): typeof import('luxon').Duration => (load('luxon') as typeof import('luxon')).Duration

export const Duration: Pick<typeof import('luxon').Duration, 'fromISO' | 'fromMillis'> = {
  fromISO: (...given) => durations().fromISO(...given),
  fromMillis: (...given) => durations().fromMillis(...given)
}

/** Reading some sources creates things at the vendor: nobody is surprised by that. */
import { SourceError } from '../connectors/errors.js'
import { resumable } from '../connectors/resumable.js'
import type { Source } from '../connectors/source.js'
import type { Engine } from '../engine/engine.js'
import type { Options } from './arguments.js'
import type { Context } from './command.js'
import { UsageError } from './exit.js'
import { plural } from './plural.js'
import { displayable } from './displayable.js'

export const CONSENT_OPTION = { yes: { help: 'go on although reading publica-reader sources opens sessions at publica.la' } } as const

/** Asks on a terminal where `mayAsk`; elsewhere --yes is needed. @throws UsageError where nobody agreed */
export async function askConsent(sources: readonly Source[], engine: Engine, options: Options, context: Context, mayAsk: boolean): Promise<void> {
  const fresh = options.one('fresh') !== undefined
  const counted = sources.map(source => ({ name: source.name, count: createdBy(source, fresh ? undefined : engine.states.get(source.name)) }))
  const creating = counted.filter(({ count }) => count > 0)
  if (creating.length === 0) return
  const what = creating.map(({ name, count }) => `reading ${JSON.stringify(displayable(name))} opens ${plural(count, 'session')} at the vendor`).join('; ')
  if (options.one('yes') !== undefined) return context.say(what)
  const rest = 'or name the other sources with --source'
  if (!mayAsk || !context.stdin.isTTY || !context.err.isTTY) throw new UsageError(`${what}: add --yes if that is meant, ${rest}`)
  if (!await agrees(`sessionql: ${what}. Go on? [y/N] `, context)) throw new UsageError(`nothing was read: ${what}, and that was not confirmed; ${rest}`)
}

/** None from a state that the source will refuse, which the reading tells. */
function createdBy(source: Source, state: unknown): number {
  try {
    return resumable(source).creates?.(state) ?? 0
  } catch (error) {
    if (error instanceof SourceError) return 0
    throw error
  }
}

async function agrees(question: string, { stdin, err, signal }: Context): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: stdin, output: err })
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal })).trim())
  } finally {
    terminal.close()
  }
}

/** From arguments to an exit code: finds the command, wires it to the process, and tells errors. */
import { readFileSync } from 'node:fs'
import { didYouMean, readOptions } from './arguments.js'
import { canvasOf } from './canvas.js'
import type { Command, Context } from './command.js'
import { describeError, EXIT, exitCodeOf, UsageError } from './exit.js'
import { Output, OutputClosed } from './output.js'

/** Loaded when asked for, so that the start stays quick. */
const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  query: () => import('./commands/query.js'),
  sync: () => import('./commands/sync.js'),
  status: () => import('./commands/status.js'),
  check: () => import('./commands/check.js'),
  schema: () => import('./commands/schema.js'),
  explain: () => import('./commands/explain.js'),
  compact: () => import('./commands/compact.js'),
  export: () => import('./commands/export.js')
}

/** Time that an interrupted command has to tidy up. */
const GRACE_MS = 800

export async function run(args: readonly string[]): Promise<number> {
  const out = new Output(process.stdout)
  const controller = new AbortController()
  onInterrupt(controller)
  try {
    const canvas = canvasOf(out)
    return await dispatch(args, { signal: controller.signal, stdin: process.stdin, out, err: process.stderr, canvas, say })
  } catch (error) {
    if (controller.signal.aborted) {
      say('interrupted')
      return EXIT.interrupted
    }
    if (error instanceof OutputClosed) return EXIT.ok
    say(describeError(error))
    return exitCodeOf(error)
  }
}

function say(message: string): void {
  process.stderr.write(`sessionql: ${message}\n`)
}

/** @throws UsageError, SessionqlError, OutputClosed, or the reason of the abort */
export async function dispatch([name, ...rest]: readonly string[], context: Context): Promise<number> {
  if (name === '--help' || name === 'help' || name === '-h') {
    const about = rest[0]
    const known = about !== undefined && Object.hasOwn(COMMANDS, about)
    const { commandHelp, mainHelp } = await import('./help.js')
    await context.out.write([known ? commandHelp((await COMMANDS[about]!()).command, context.canvas.columns) : mainHelp()])
    return EXIT.ok
  }
  if (name === '--version' || name === '-v') {
    await context.out.write([`${version()}\n`])
    return EXIT.ok
  }
  if (name === undefined) throw new UsageError(`a command is expected: ${Object.keys(COMMANDS).join(', ')}. sessionql --help tells more`)
  if (!Object.hasOwn(COMMANDS, name)) {
    const kind = name.startsWith('-') ? 'option' : 'command'
    const known = kind === 'option' ? ['--help', '--version'] : Object.keys(COMMANDS)
    throw new UsageError(`unknown ${kind} ${JSON.stringify(name)}.${didYouMean(name, known)} sessionql --help lists them`)
  }
  const { command } = await COMMANDS[name]!()
  const options = readOptions(rest, command.options)
  if (options.one('help') !== undefined) {
    const { commandHelp } = await import('./help.js')
    await context.out.write([commandHelp(command, context.canvas.columns)])
    return EXIT.ok
  }
  const data = options.one('data')
  return command.run(options, context).catch((error: unknown) => {
    if (context.signal.aborted && data !== undefined) context.say(`what was read before the interrupt stays in ${data}; the next run reads on from there`)
    throw error
  })
}

/** The first Ctrl-C ends the command in order, the second one at once. */
function onInterrupt(controller: AbortController): void {
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort(new Error('interrupted'))
    setTimeout(() => process.exit(EXIT.interrupted), GRACE_MS).unref()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
}

/** From the package's own file, which is one folder up from the source and two from the built command. */
function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { name: string, version: string }
      if (name === 'sessionql') return found
    } catch {
      continue
    }
  }
  return 'unknown'
}

/** Existing taps as sources: Singer and Airbyte messages, of a program that is started here or of standard input. */
import { readFile } from 'node:fs/promises'
import { SessionqlError } from '../../dsl/errors.js'
import { airbyte } from '../airbyte/airbyte.js'
import { SourceError, unknownState } from '../errors.js'
import { readNdjson } from '../file/formats/ndjson.js'
import { isRecord } from '../record/fields.js'
import { withPauses } from '../pauses.js'
import { readBadShare, readMap } from '../record/rules.js'
import { readSettings } from '../settings.js'
import { singer } from '../singer/singer.js'
import type { Batch, CheckResult, ColumnDescription, ReadOptions, Source, SourceReport } from '../source.js'
import { newReport } from '../source.js'
import { checkTap } from './check.js'
import { openTapFiles, replaceFile, type TapFiles } from './files.js'
import { Messages } from './messages.js'
import { howItEnded, TapProcess } from './process.js'
import { findProgram } from './program.js'
import { ProtocolFault, type Protocol } from './protocol.js'

/** Sessions per batch: a storage step's worth. */
const BATCH_SESSIONS = 4_096
/** A slow tap's sessions are stored after this time at the latest. */
const FLUSH_MS = 200
/** Shorter values of a configuration are too common in ordinary text to be masked. */
const MIN_SECRET = 4
const MAX_DEPTH = 32

export type TapType = 'singer' | 'airbyte'

interface TapConfig {
  readonly type: TapType
  /** Program and arguments; empty reads standard input. */
  readonly command: readonly string[]
  readonly config: Readonly<Record<string, unknown>> | null
  readonly configFile: string | null
  readonly catalog: string | null
  readonly stateFile: string | null
  readonly streams: ReadonlySet<string> | null
  readonly map: readonly (readonly [string, string])[]
  readonly maxBadShare: number
}

export interface TapOptions {
  readonly stdin?: AsyncIterable<Uint8Array>
}

/** Throws SourceError invalid_config. */
export function createTapSource(type: TapType, name: string, config: Readonly<Record<string, unknown>>, options: TapOptions = {}): Source {
  return new TapSource(name, readTapConfig(type, name, config), options)
}

function readTapConfig(type: TapType, name: string, config: Readonly<Record<string, unknown>>): TapConfig {
  const settings = readSettings(name, config)
  settings.known('config')
  settings.known('command')
  const own = config['config'] ?? null
  const command = config['command'] ?? []
  if (!Array.isArray(command) || !command.every(word => typeof word === 'string' && word !== '')) {
    return settings.fail('command', 'must be a list of texts: the program and its arguments, such as ["tap-github"]')
  }
  if (own !== null && !isRecord(own)) return settings.fail('config', 'must be an object: what the tap is configured with')
  const streams = settings.strings('streams')
  const checked: TapConfig = {
    type,
    command: command as readonly string[],
    config: own,
    configFile: settings.optionalString('config_file') ?? null,
    catalog: settings.optionalString('catalog') ?? null,
    stateFile: settings.optionalString('state_file') ?? null,
    streams: streams.length === 0 ? null : new Set(streams),
    map: readMap(settings, config),
    maxBadShare: readBadShare(settings, config)
  }
  settings.done()
  if (own !== null && checked.configFile !== null) settings.fail('config_file', 'cannot be given beside "config"')
  if (command.length === 0 && (own !== null || checked.configFile !== null)) settings.fail('command', 'is missing; without it messages are read from standard input, which need no "config"')
  if (command.length > 0 && checked.stateFile !== null) settings.fail('state_file', 'is for messages on standard input; a tap that is started here gets its state back')
  return checked
}

class TapSource implements Source {
  readonly name: string
  readonly type: TapType
  readonly scope: string
  readonly #config: TapConfig
  readonly #stdin: AsyncIterable<Uint8Array> | undefined

  constructor(name: string, config: TapConfig, { stdin }: TapOptions) {
    this.name = name
    this.type = config.type
    this.scope = JSON.stringify([config.command[0] ?? '-', config.streams === null ? null : [...config.streams]])
    this.#config = config
    this.#stdin = stdin
  }

  describe(): readonly ColumnDescription[] {
    return []
  }

  /** With the connector's own command, where its protocol has one. */
  async check({ signal }: Pick<ReadOptions, 'signal'> = {}): Promise<CheckResult> {
    const { command: [program], configFile, catalog } = this.#config
    try {
      for (const path of [configFile, catalog]) if (path !== null) await this.#json(path)
      if (program === undefined) return { ok: true, message: `${this.type} messages are read from standard input.` }
      const path = await findProgram(program)
      if (path === null) return { ok: false, message: this.#missing(program).message }
      return await this.#askTap(program, signal) ?? { ok: true, message: `${path} can be started; sync shows whether its own configuration works.` }
    } catch (error) {
      if (error instanceof SessionqlError) return { ok: false, message: error.message }
      throw error
    }
  }

  /** Null where it cannot be asked. */
  async #askTap(program: string, signal: AbortSignal | undefined): Promise<CheckResult | null> {
    const protocol = await this.#protocol()
    if (protocol.checkArguments === null) return null
    const files = await openTapFiles()
    try {
      const { path, secrets } = await this.#given(files)
      if (path === null) return null
      const tap = new TapProcess([...this.#config.command, ...protocol.checkArguments(path)], secrets)
      return await checkTap(tap, program, message => protocol.checkStatus(message), signal)
    } finally {
      await files.remove()
    }
  }

  async* read(options: ReadOptions = {}): AsyncGenerator<Batch> {
    const protocol = await this.#protocol()
    if (this.#config.command.length === 0) yield* this.#readStdin(protocol, options)
    else yield* this.#readTap(protocol, options)
  }

  async* #readStdin(protocol: Protocol, options: ReadOptions): AsyncGenerator<Batch> {
    const { stateFile } = this.#config
    const messages = this.#messages(protocol, 'stdin', options, text => text)
    for await (const batch of this.#batches(this.#stdin ?? process.stdin, messages, options)) {
      yield batch
      // what it stands for is durable once the next batch is asked for
      if (stateFile !== null && batch.state !== undefined) await replaceFile(stateFile, protocol.stateFile(batch.state))
    }
    this.#judge(messages, null, null)
  }

  async* #readTap(protocol: Protocol, options: ReadOptions): AsyncGenerator<Batch> {
    const { signal, report = newReport() } = options
    signal?.throwIfAborted()
    const files = await openTapFiles()
    let tap: TapProcess | null = null
    const stop = (): void => void tap?.stop()
    try {
      const { command, secrets } = await this.#command(protocol, files, options.state)
      tap = new TapProcess(command, secrets)
      signal?.addEventListener('abort', stop, { once: true })
      const messages = this.#messages(protocol, command[0]!, { ...options, report }, text => tap!.mask(text))
      yield* this.#batches(tap.output(), messages, { ...options, report })
      const end = await tap.ended
      signal?.throwIfAborted()
      this.#judge(messages, tap, end)
      const { complaints } = tap
      if (complaints.count > 0) report.warnings.push(`the tap wrote of errors to stderr, ${complaints.count} times; the last: ${complaints.last}`)
    } finally {
      signal?.removeEventListener('abort', stop)
      await tap?.stop()
      await files.remove()
    }
  }

  /** Everything that the tap needs in order to start, with the secrets that it gets. */
  async #command(protocol: Protocol, files: TapFiles, state: unknown): Promise<{ command: readonly string[], secrets: readonly string[] }> {
    const { command, catalog } = this.#config
    const { path, secrets } = await this.#given(files)
    const given = state === undefined || state === null ? null : protocol.stateFile(state)
    if (given === undefined) throw unknownState(this.name)
    const stateFile = given === null ? null : await files.add('state.json', given)
    return { command: [...command, ...protocol.readArguments({ config: path, catalog, state: stateFile })], secrets }
  }

  /** Where the tap finds its configuration, and what of it must not be shown. */
  async #given(files: TapFiles): Promise<{ path: string | null, secrets: readonly string[] }> {
    const { config, configFile } = this.#config
    if (config !== null) return { path: await files.add('config.json', config), secrets: secretsIn(config) }
    return { path: configFile, secrets: configFile === null ? [] : secretsIn(await this.#json(configFile)) }
  }

  async #protocol(): Promise<Protocol> {
    const { type, catalog } = this.#config
    return type === 'singer' ? singer : airbyte(catalog === null ? null : await this.#json(catalog))
  }

  #messages(protocol: Protocol, label: string, { report = newReport(), onDeadLetter, state }: ReadOptions, mask: (text: string) => string): Messages {
    const { map, maxBadShare, streams } = this.#config
    const rules = { source: this.name, map, shape: undefined, maxBadShare }
    return new Messages(protocol.open(state), { rules, report, onDeadLetter, label, streams, mask })
  }

  /** Sessions with the latest state that covers them; a state without sessions moves too. */
  async* #batches(output: AsyncIterable<Uint8Array>, messages: Messages, { signal, state: before, report }: ReadOptions): AsyncGenerator<Batch> {
    let state = before
    let flushed = performance.now()
    const batch = (): Batch => {
      const sessions = messages.take()
      if (messages.hasState) state = messages.takeState()
      flushed = performance.now()
      countRows(report, sessions.length)
      return { sessions, state }
    }
    try {
      for await (const isBusy of withPauses(readNdjson(output as AsyncIterable<Buffer>, messages.lines), FLUSH_MS)) {
        signal?.throwIfAborted()
        const isDue = !isBusy || performance.now() - flushed > FLUSH_MS
        if (messages.size >= BATCH_SESSIONS || (isDue && (messages.size > 0 || messages.hasState))) yield batch()
        messages.checkEarly()
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (messages.size > 0) yield batch()
      if (error instanceof ProtocolFault) throw new SourceError('source_protocol', this.name, `${error.message}.`, { cause: error })
      throw error
    }
    if (messages.size > 0 || messages.hasState) yield batch()
  }

  /** Whether all that there is has come. Throws SourceError. */
  #judge(messages: Messages, tap: TapProcess | null, end: Awaited<TapProcess['ended']> | null): void {
    const { failed } = messages
    const program = this.#config.command[0] ?? 'stdin'
    if (end?.failure === 'ENOENT') throw this.#missing(program)
    if (end !== null && end.failure !== null) throw new SourceError('invalid_config', this.name, `${program} cannot be started (${end.failure}); check "command".`)
    if (failed !== null) {
      const advice = failed.isConfig ? 'check its "config"' : 'what came before is kept; run it again'
      throw new SourceError(failed.isConfig ? 'source_rejected' : 'source_failed', this.name, `${program} reports an error: ${failed.message}; ${advice}.`)
    }
    if (end !== null && end.code !== 0) {
      throw new SourceError('source_failed', this.name, `${program} ${howItEnded(end, tap!)}`)
    }
    messages.finish()
  }

  #missing(program: string): SourceError {
    return new SourceError('invalid_config', this.name, `there is no program ${JSON.stringify(program)}; install it, or give its path in "command".`)
  }

  async #json(path: string): Promise<unknown> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new SourceError('file_not_found', this.name, `${path} cannot be read; check the path.`, { cause: error })
    })
    try {
      return JSON.parse(text)
    } catch (error) {
      // the parser quotes the text, which may be a secret
      throw new SourceError('invalid_config', this.name, `${path} is not JSON.`, { cause: error instanceof SyntaxError ? undefined : error })
    }
  }
}

function countRows(report: SourceReport | undefined, sessions: number): void {
  if (report === undefined) return
  report.rows += sessions
  report.position = `${report.rows.toLocaleString('en-US')} records`
}

/** Every text of a configuration, also as it stands in a URL: nobody knows which of them are secret. Longest first. */
function secretsIn(value: unknown, depth = 0): string[] {
  if (depth > MAX_DEPTH) return []
  if (typeof value === 'string') return value.length < MIN_SECRET ? [] : [...new Set([value, encodeURIComponent(value)])]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(inner => secretsIn(inner, depth + 1)).sort((a, b) => b.length - a.length)
}

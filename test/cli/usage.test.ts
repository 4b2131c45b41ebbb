import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../cli/exit.js'
import { Output } from '../../cli/output.js'
import { dispatch } from '../../cli/run.js'
import { run } from './process.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** In this process: what would be written to stdout. */
async function inside(args: readonly string[], input = ''): Promise<string> {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  stdin.end(input)
  const context = { signal: new AbortController().signal, canvas: { columns: 80, color: false }, say: () => undefined }
  const streams = {
    stdin: stdin as unknown as NodeJS.ReadStream, out: new Output(stdout as unknown as NodeJS.WriteStream), err: stderr as unknown as NodeJS.WriteStream
  }
  await dispatch(args, { ...context, ...streams })
  return String(stdout.read() ?? '')
}

describe('sessionql', () => {
  it('prints its version and its help', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    const { code, stdout, stderr } = await run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of ['query', 'sync', 'check', 'schema', 'explain']) expect(stdout).toMatch(new RegExp(`^ {2}${name} +[a-z]`, 'm'))
  })

  it.each(['query', 'sync', 'check', 'schema', 'explain'])('prints help of %s within the terminal', async name => {
    const text = await inside([name, '--help'])
    expect(text).toBe(await inside(['help', name]))
    expect(text).toMatch(new RegExp(`^Usage: sessionql ${name} `))
    for (const line of text.split('Examples:')[0]!.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it.each([
    [[], 'a command is expected'],
    [['qurey'], 'Did you mean query?'],
    [['constructor'], 'unknown command'],
    [['--versoin'], 'Did you mean --version?'],
    [['query', '--sorce', 'x'], 'Did you mean --source?'],
    [['query', '--source', 'x', '--format', 'tabel'], 'Did you mean table?'],
    [['query', '--source', 'x', '--memory', 'lots'], '512MB'],
    [['query', '--source', 'x', '--threads', '0'], 'from 1 to 64'],
    [['query', '--source', 'x', '--threads', 'two'], 'from 1 to 64'],
    [['query'], 'give --source, --config or --data'],
    [['query', '--source', '-'], '--query FILE'],
    [['query', '--source', 'x', '--query', 'missing.json'], 'there is no such file'],
    [['query', '--source', 'x', '--query', '.'], 'is not a file'],
    [['query', 'x'], '--source x'],
    [['sync'], '--config FILE'],
    [['check'], '--config FILE'],
    [['check', '--config', 'missing.json'], 'missing.json'],
    [['query', '--config', 'package.json'], 'package.json: '],
    [['query', '--source', 'package.json'], 'no query was given']
  ])('refuses %j and says what to do', async (args, hint) => {
    const error: unknown = await inside(args).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toContain(hint)
  })

  it('ends with 2 where it cannot do what it is told', async () => {
    const { code, stdout, stderr } = await run(['qurey'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe('sessionql: unknown command "qurey". Did you mean query? sessionql --help lists them\n')
  })
})

/** Runs a command from its start to its end, with what it took. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** GNU time reports a child's peak memory; Node cannot. */
const GNU_TIME = '/usr/bin/time'

export interface WholeProcess {
  readonly stdout: string
  readonly ms: number
  /** Bytes; null where GNU time is missing. */
  readonly peak: number | null
}

export async function runWhole(command: readonly string[], stdin: string): Promise<WholeProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'sessionql-bench-'))
  const report = join(folder, 'peak')
  const timed = existsSync(GNU_TIME) ? [GNU_TIME, '-f', '%M', '-o', report, ...command] : [...command]
  try {
    const started = performance.now()
    const stdout = await output(timed, stdin)
    const ms = performance.now() - started
    return { stdout, ms, peak: existsSync(report) ? Number(readFileSync(report, 'utf8')) * 1024 : null }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function output([file, ...args]: readonly string[], stdin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file!, args, { stdio: 'pipe' })
    const out: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('error', reject)
    child.on('close', code => {
      if (code === 0) resolve(Buffer.concat(out).toString())
      else reject(new Error(`${file} ${args.join(' ')} ended with ${code}: ${Buffer.concat(errors).toString()}`))
    })
    child.stdin.end(stdin)
  })
}

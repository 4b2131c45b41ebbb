/**
 * Writes the dataset as NDJSON: `npx tsx bench/generate.ts --rows 1000000 [--seed 1] [--urls] [--out FILE]`.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { LineWriter } from './lines.js'
import { runMain, wholeNumber } from './options.js'
import { drawer, GENERATOR_VERSION, type DatasetOptions } from './sessions.js'

export const DEFAULT_SEED = 1
const DATA = join(dirname(fileURLToPath(import.meta.url)), 'data')
/** Bytes per write: large enough that a write costs nothing beside making the lines. */
const CHUNK = 1 << 20
/** Bytes; no line is longer. */
const MAX_LINE = 4096

export function datasetPath({ rows, seed, urls }: DatasetOptions): string {
  return join(DATA, `sessions-v${GENERATOR_VERSION}-${rows}-seed${seed}${urls === true ? '-urls' : ''}.ndjson`)
}

/** Whether a dataset's file has `distinct_visited_urls`, by its first line. */
export function hasUrls(path: string): boolean {
  const head = Buffer.alloc(MAX_LINE)
  const file = openSync(path, 'r')
  try {
    return head.toString('latin1', 0, readSync(file, head)).split('\n', 1)[0]!.includes('"distinct_visited_urls":')
  } finally {
    closeSync(file)
  }
}

/** Writes next to the path and renames, so that a file that is there is whole. */
export async function writeDataset(path: string, options: DatasetOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const part = `${path}.part`
  const file = await open(part, 'w')
  try {
    const next = drawer(options)
    const lines = new LineWriter()
    for (let row = 0; row < options.rows; row++) {
      lines.add(next())
      if (lines.length >= CHUNK) await file.writeFile(lines.take())
    }
    await file.writeFile(lines.take())
  } finally {
    await file.close()
  }
  await rename(part, path)
}

/** The file of a dataset, written if it is not there yet. */
export async function dataset(options: DatasetOptions, log: (message: string) => void): Promise<string> {
  const path = datasetPath(options)
  if (existsSync(path)) return path
  log(`generating ${options.rows.toLocaleString('en-US')} sessions (seed ${options.seed})`)
  const started = performance.now()
  await writeDataset(path, options)
  const seconds = (performance.now() - started) / 1000
  log(`generated in ${seconds.toFixed(1)} s, ${Math.round(options.rows / seconds).toLocaleString('en-US')} rows/s`)
  return path
}

const log = (message: string): void => { process.stderr.write(`${message}\n`) }

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      urls: { type: 'boolean', default: false },
      out: { type: 'string' }
    }
  })
  const options = { rows: wholeNumber('rows', values.rows, 0), seed: wholeNumber('seed', values.seed, 0), urls: values.urls }
  if (values.out === undefined) log(await dataset(options, log))
  else await writeDataset(values.out, options)
  return 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runMain(main)

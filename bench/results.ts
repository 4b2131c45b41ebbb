/** Where results are kept: `bench/results/DATE-NAME.md`, `.json` and `.svg`, and an index of all runs. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Chart } from './chart.js'
import { historyMarkdown, historyOf, type Past } from './history.js'

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), 'results')

/** Prints the text, and writes it, with what it was made of and its charts, beside the others. `name` tells it from others of its second. */
export async function publish<Result extends { readonly date: string }>(result: Result, name: string, text: string, charts: readonly Chart[]): Promise<void> {
  const base = `${result.date.slice(0, 19).replaceAll(':', '')}-${name}`
  const linked = charts.map(chart => `![${chart.title}](${base}-${chart.name}.svg)\n`)
  const whole = linked.length === 0 ? text : `${text}\n## Charts\n\n${linked.join('\n')}`
  process.stdout.write(whole)
  await mkdir(RESULTS, { recursive: true })
  await writeFile(join(RESULTS, `${base}.json`), `${JSON.stringify(result, null, 1)}\n`)
  await writeFile(join(RESULTS, `${base}.md`), whole)
  for (const chart of charts) await writeFile(join(RESULTS, `${base}-${chart.name}.svg`), chart.svg)
  await writeFile(join(RESULTS, 'README.md'), historyMarkdown(await past()))
}

async function past(): Promise<Past[]> {
  const files = (await readdir(RESULTS)).filter(file => file.endsWith('.json')).sort()
  return Promise.all(files.map(async file => historyOf(file, JSON.parse(await readFile(join(RESULTS, file), 'utf8')))))
}

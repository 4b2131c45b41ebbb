/** Tables, charts, growth and history of made-up results. */
import { describe, expect, test } from 'vitest'
import { beyondMarkdown, beyondRatio, type BeyondResult } from '../../bench/beyond-report.js'
import { historyMarkdown, historyOf } from '../../bench/history.js'
import { charts, markdown } from '../../bench/report.js'
import type { BenchResult, LaneResult, QuestionResult } from '../../bench/result.js'
import { scalingMarkdown } from '../../bench/scaling.js'
import { sketchMarkdown } from '../../bench/sketch-report.js'

const machine = { cpu: 'a processor', cores: 2, memoryBytes: 8e9, platform: 'linux x64', node: 'v20.0.0' }

function lane(key: string, ms: number, more: Partial<LaneResult> = {}): LaneResult {
  return { key, threads: 1, way: '', ms: [ms, ms * 2], handOverMs: [0], cpuMs: [ms], firstMs: [ms * 3, ms * 4, ms * 9], differences: [], distinct: null, ...more }
}

function question(name: string, lanes: readonly LaneResult[]): QuestionResult {
  return { name, answerRows: 1, lanes, failures: [], planBytes: 1e6, roofMs: 0.5 }
}

function result(rows: number, questions: readonly QuestionResult[]): BenchResult {
  const memory = { resident: rows * 100, peak: rows * 150 }
  const contender = (key: string, name: string) => ({ key, name, version: '1', maxThreads: 1, loadSeconds: 2, prepareSeconds: 0, loaded: memory, prepared: memory })
  return { date: '2026-01-02T03:04:05.678Z', machine, rows, seed: 1, runs: 2, contenders: [contender('ours', 'sessionql'), contender('duckdb', 'DuckDB')], loads: [], questions, skipped: [], notes: [] }
}

const line = (text: string, start: string): string => text.split('\n').find(found => found.startsWith(`| ${start}`)) ?? ''

const distinct = (max: number) => ({ distinct: { rms: max / 2, max } })

describe('the table of the query bench', () => {
  const text = markdown(result(1000, [
    question('q01-a', [lane('ours', 2, distinct(0.004)), lane('duckdb', 8, distinct(0.4))]),
    question('q02-b', [lane('ours', 2), lane('duckdb', 2)]),
    question('q03-c', [lane('ours', 2), lane('duckdb', 1, { differences: ['no row'] })]),
    question('x01-d', [lane('ours', 1), lane('duckdb', 100)])
  ]))

  test('tells ratios, the roof and who guesses', () => {
    expect(line(text, 'q01-a')).toContain('4.00× | 1.00 MB | 0.500 | 4.0× | ours within 0.40 %; DuckDB guesses, up to 40 % off')
    expect(line(text, 'q02-b')).toMatch(/\| – \|$/u)
  })

  test('tells what an application waits, with a mean of its own', () => {
    const once = text.slice(text.indexOf('### 1 thread, asked once in a while'))
    expect(line(once, 'q01-a')).toBe('| q01-a | 8.00 | 32.0 | 4.00× |')
    expect(line(once, 'q03-c')).toBe('| q03-c | 8.00 | – | – |')
    expect(once).toContain('Geometric mean of the ratios: 2.00×, the least 1.00×.')
  })

  test('has errors of distinct counts in a table of their own', () => {
    expect(text).toContain('| q01-a | 0.20 % (0.40 %) | 20 % (40 %) |')
  })

  test('has loads with several threads beside those with one', () => {
    const loads = [{ key: 'ours', threads: 2, seconds: 0.5, loaded: { resident: 1e9, peak: 2e9 } }, { key: 'duckdb', threads: 2, seconds: 0.8, loaded: { resident: 1e9, peak: 3e9 } }]
    const made = markdown({ ...result(1000, []), loads })
    expect(made).toContain('| load of the NDJSON file, 2 threads | seconds |')
    expect(made).toContain('| sessionql | 0.5 | 2,000 | 2.00 GB |')
    expect(made).toContain('| DuckDB | 0.8 | 1,250 | 3.00 GB |')
  })

  test('takes only right answers of the suite into its mean', () => {
    expect(line(text, 'q03-c')).toContain('other answer')
    expect(text).toContain('Geometric mean of the ratios: 2.00×, the least 1.00×.')
  })

  test('has a chart a table, without times of wrong answers', () => {
    const made = charts(result(1000, [question('q03-c', [lane('ours', 2), lane('duckdb', 1, { differences: ['no row'] })]), question('x01-d', [lane('ours', 3)])]))
    expect(made.map(({ name }) => name)).toEqual(['1-threads', '1-threads-beyond'])
    expect(made[0]!.svg.match(/x="200"/gu)).toHaveLength(1)
  })
})

test('growth is per times the sessions', () => {
  const text = scalingMarkdown([result(1000, [question('q01-a', [lane('ours', 2)]), question('q02-b', [lane('ours', 1)])]), result(10_000, [question('q01-a', [lane('ours', 40)])])])
  expect(line(text, 'q01-a')).toBe('| q01-a | 2.00 | 40.0 | 2.00 |')
  expect(line(text, 'q02-b')).toBe('| q02-b | 1.00 | – | – |')
  expect(line(text, 'bytes/session')).toBe('| bytes/session | 100 | 100 |')
})

describe('beyond the suite', () => {
  const answers = [{
    name: 'funnel', ours: [2, 3],
    ways: [
      { peer: 'duckdb', way: 'a', ms: [8], right: true }, { peer: 'duckdb', way: 'b', ms: [6], right: true }, { peer: 'clickhouse', way: 'c', ms: [1], right: false }
    ]
  }]
  const beyond: BeyondResult = {
    date: '2026-01-02T03:04:06.000Z', machine, rows: 1000, seed: 1, runs: 1, answers, peers: [{ key: 'duckdb', name: 'DuckDB 1' }, { key: 'clickhouse', name: 'ClickHouse 2' }]
  }

  test('the fastest right way counts, and no time is told of a wrong one', () => {
    expect(beyondRatio(answers[0]!)).toBe(3)
    expect(line(beyondMarkdown(beyond), 'funnel')).toBe('| funnel | 2.00 / 2.50 | a 8.00 / 8.00; b 6.00 / 6.00 | c other answer | 3.00× |')
  })

  test('past runs of all kinds are listed by date', () => {
    const past = [
      historyOf('b.json', beyond), historyOf('a.json', result(1000, [question('q01-a', [lane('ours', 2), lane('duckdb', 8)])])),
      historyOf('c.json', { date: '2026-01-03T00:00:00.000Z', machine, figures: [] })
    ]
    const lines = historyMarkdown(past).split('\n').filter(found => found.startsWith('| ['))
    expect(lines).toEqual([
      '| [2026-01-02 03:04](a.md) | queries | 1,000 | 1 thread: 4.00× of 1 | v20.0.0 |',
      '| [2026-01-02 03:04](b.md) | beyond the suite | 1,000 | 1 thread: 3.00× of 1 | v20.0.0 |',
      '| [2026-01-03 00:00](c.md) | sketch | – | – | v20.0.0 |'
    ])
  })
})

test('the sketch table tells speed, error and bytes of each', () => {
  const figures = [{ name: 'a', n: 100, adds: 200, ms: [0.1, 0.2], error: 0.01, bytes: 65_536 }, { name: 'b', n: 100, adds: 200, ms: [1], error: 0, bytes: null }]
  const text = sketchMarkdown({ date: '2026-01-02', machine, runs: 2, counters: ['a', 'b'], figures, notes: [] })
  expect(text.split('\n').filter(found => found.startsWith('| 100'))).toEqual(['| 100 | 2.00 | 0.20 |', '| 100 | 1.00 % | 0.00 % |', '| 100 | 65,536 | – |'])
})

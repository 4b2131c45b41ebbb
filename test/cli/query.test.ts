import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ended, folder, lines, run, start } from './process.js'
import { BY_DEVICE, COUNT, EXAMPLE, EXAMPLE_ANSWER, ndjson, VISITS } from './visits.js'

let files: Awaited<ReturnType<typeof folder>>

beforeAll(async () => {
  files = await folder({
    'visits.ndjson': ndjson(VISITS),
    'more.json': JSON.stringify([{ ...VISITS[0], session_id: 'm1', visitor_id: 'eve' }]),
    'example.json': EXAMPLE,
    'two.ndjson': `${JSON.stringify(COUNT)}\n${JSON.stringify(BY_DEVICE)}\n`
  })
})

afterAll(() => files.remove())

const query = (args: readonly string[], input?: string) => run(['query', ...args], input, { cwd: files.path })
const line = (value: unknown) => `${JSON.stringify(value)}\n`
const COUNT_FIELDS = '[{"name":"timestamp","type":"dimension"},{"name":"count","type":"metric"}]'
const count = (n: number) => `{"fields":${COUNT_FIELDS},"data":[["2019-01-01T00:00:00.000+02:00",${n}]]}\n`

const pointers = (text: string) => (JSON.parse(text) as { error: { issues: { pointer: string }[] } }).error.issues.map(issue => issue.pointer)

const asked = (format: string) => query(['--source', 'visits.ndjson', '--format', format], line(BY_DEVICE)).then(({ stdout }) => stdout)

describe('sessionql query', () => {
  it('answers giosg\'s example in giosg\'s response form, from stdin and from a file', async () => {
    expect(await query(['--source', 'visits.ndjson'], EXAMPLE)).toEqual({ code: 0, stdout: EXAMPLE_ANSWER, stderr: '' })
    expect(await query(['--source', 'visits.ndjson', '--query', 'example.json'])).toEqual({ code: 0, stdout: EXAMPLE_ANSWER, stderr: '' })
  })

  it('takes sessions on stdin and several sources', async () => {
    expect((await query(['--source', '-', '--query', 'example.json'], ndjson(VISITS))).stdout).toBe(EXAMPLE_ANSWER)
    expect((await query(['--source', 'visits.ndjson', '--source', 'more.json'], line(COUNT))).stdout).toBe(count(5))
  })

  it('lists sessions a page at a time, and says how to go on', async () => {
    const page = { interval: { start: '2019-01-01', end: '2019-01-03' }, select: ['session_id', 'rooms'], limit: 2 }
    const first = await query(['--source', 'visits.ndjson'], line(page))
    const { data, next } = JSON.parse(first.stdout) as { data: unknown[][], next: string }
    expect([data.length, first.stderr]).toEqual([2, ''])
    const table = await query(['--source', 'visits.ndjson', '--format', 'csv'], line(page))
    expect(table.stderr).toBe(`sessionql: there are more sessions: they follow with "after": "${next}"\n`)
    const rest = JSON.parse((await query(['--source', 'visits.ndjson'], line({ ...page, limit: 100, after: next }))).stdout) as { data: unknown[][], next: null }
    expect(rest.next).toBeNull()
    expect([...data, ...rest.data].map(row => row[1])).toEqual(['s2', 's4', 's3', 's5'])
  })

  it('prints each format exactly', async () => {
    const stamp = '2019-01-01T00:00:00.000+02:00'
    expect(await asked('ndjson')).toBe([
      `{"timestamp":"${stamp}","device_type":null,"count":1,"session_duration_secs_avg":null}\n`,
      `{"timestamp":"${stamp}","device_type":"desktop","count":2,"session_duration_secs_avg":32.5}\n`,
      `{"timestamp":"${stamp}","device_type":"mobile","count":1,"session_duration_secs_avg":10}\n`
    ].join(''))
    expect(await asked('csv')).toBe(`timestamp,device_type,count,session_duration_secs_avg\n${stamp},,1,\n${stamp},desktop,2,32.5\n${stamp},mobile,1,10\n`)
    expect(await asked('table')).toBe([
      'timestamp   device_type  count  session_duration_secs_avg',
      '──────────  ───────────  ─────  ─────────────────────────',
      '2019-01-01  –                1                          –',
      '2019-01-01  desktop          2                       32.5',
      '2019-01-01  mobile           1                       10.0',
      ''
    ].join('\n'))
    expect(await asked('chart')).toBe([
      'count', '–        1  ██████████████████████████████████', 'desktop  2  ████████████████████████████████████████████████████████████████████',
      'mobile   1  ██████████████████████████████████', '', 'session_duration_secs_avg', '–           –',
      'desktop  32.5  █████████████████████████████████████████████████████████████████', 'mobile   10.0  ████████████████████', ''
    ].join('\n'))
  })

  it('tells all faults of a query at once; before sources are read a name that they may bring is none', async () => {
    const faulty = line({ ...COUNT, granularity: 'dya', group_by: ['contry'], aggregations: [{ type: 'avg', fields: ['country'] }] })
    const before = await query(['--source', 'visits.ndjson'], faulty)
    expect(pointers(before.stdout.split('\n')[0]!)).toEqual(['/granularity', '/aggregations/0/fields/0'])
    const after = await query(['--source', 'visits.ndjson'], line(COUNT) + faulty)
    expect(pointers(after.stdout.split('\n')[1]!)).toEqual(['/granularity', '/group_by/0', '/aggregations/0/fields/0'])
  })

  it('answers one query per line in order, with an error line for a faulty one, and ends with 3', async () => {
    const faulty = line({ ...COUNT, group_by: ['contry'] })
    const { code, stdout, stderr } = await query(['--source', 'visits.ndjson'], `${line(COUNT)}not json\n${faulty}${EXAMPLE}`)
    const [first, second, third, fourth] = stdout.split('\n')
    expect(code).toBe(3)
    expect(`${first}\n`).toBe(count(4))
    expect(JSON.parse(second!)).toMatchObject({ error: { code: 'invalid_query', issues: [{ code: 'invalid_json', pointer: '' }] } })
    expect(JSON.parse(third!)).toMatchObject({
      error: { code: 'invalid_query', issues: [{ code: 'unknown_dimension', pointer: '/group_by/0', suggestion: 'country' }] }
    })
    expect(`${fourth}\n`).toBe(EXAMPLE_ANSWER)
    expect(stderr).toContain('query at line 2')
    expect(stderr).toContain('country')
  })

  it('writes the answer of a line before the next line comes', async () => {
    const child = start(['query', '--source', 'visits.ndjson'], { cwd: files.path })
    const answers = lines(child)
    const end = ended(child)
    child.stdin.write(line(COUNT))
    expect(`${(await answers.next()).value}\n`).toBe(count(4))
    child.stdin.write('{"interval": {"start": "cut off\n')
    expect(JSON.parse((await answers.next()).value as string)).toHaveProperty('error.code', 'invalid_query')
    child.stdin.write(EXAMPLE)
    expect(`${(await answers.next()).value}\n`).toBe(EXAMPLE_ANSWER)
    child.stdin.end()
    expect((await end).code).toBe(3)
  })

  it('answers queries that read different columns, and one that asks what all columns hold', async () => {
    const metadata = { queryType: 'segmentMetadata', dataSource: 'visits', merge: true, analysisTypes: ['cardinality'] }
    const both = await query(['--source', 'visits.ndjson'], line(COUNT) + line(BY_DEVICE) + EXAMPLE)
    const [counted, devices, example] = both.stdout.trimEnd().split('\n')
    expect([`${counted}\n`, `${example}\n`, both.stderr]).toEqual([count(4), EXAMPLE_ANSWER, ''])
    expect(JSON.parse(devices!)).toHaveProperty('data.length', 3)
    const held = JSON.parse((await query(['--source', 'visits.ndjson'], line(COUNT) + line(metadata))).stdout.split('\n')[1]!) as [{ columns: Record<string, { cardinality: number }> }]
    expect(held[0].columns['device_type']!.cardinality).toBeGreaterThan(1)
  })

  it('answers a query that reaches beyond the first one\'s interval', async () => {
    const wide = { ...COUNT, interval: { ...COUNT.interval, end: '2020-01-01' } }
    expect((await query(['--source', 'visits.ndjson'], line(COUNT) + line(wide))).stdout).toBe(count(4) + count(5))
  })

  it('puts a blank line between tables', async () => {
    const { stdout } = await query(['--source', 'visits.ndjson', '--query', 'two.ndjson', '--format', 'table'])
    expect(stdout.split('\n\n')).toHaveLength(2)
  })

  it('keeps sessions in a data folder and asks it alone', async () => {
    expect((await query(['--source', 'visits.ndjson', '--data', 'store'], line(COUNT))).stdout).toBe(count(4))
    expect(await query(['--data', 'store'], line(COUNT))).toEqual({ code: 0, stdout: count(4), stderr: '' })
  })

  it('ends quietly when the reader of its output goes away', async () => {
    const child = start(['query', '--source', 'visits.ndjson'], { cwd: files.path })
    const answers = lines(child)
    child.stdin.write(line(COUNT))
    await answers.next()
    child.stdout.destroy()
    child.stdin.on('error', () => undefined)
    for (let i = 0; i < 50; i++) child.stdin.write(line(COUNT))
    child.stdin.end()
    expect(await ended(child)).toMatchObject({ code: 0, stderr: '' })
  })
})

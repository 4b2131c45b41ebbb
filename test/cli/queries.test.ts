import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_QUERY_LENGTH, splitQueries, type QueryText } from '../../cli/queries.js'

async function split(...chunks: string[]): Promise<QueryText[]> {
  const found: QueryText[] = []
  for await (const query of splitQueries(stream(chunks))) found.push(query)
  return found
}

async function* stream(chunks: readonly string[]): AsyncGenerator<string> {
  yield* chunks
}

async function texts(...chunks: string[]): Promise<(string | null)[]> {
  return (await split(...chunks)).map(({ text }) => text === null ? null : text.trimEnd())
}

const query = '{"interval":{"start":"2025-01-01","end":"2025-01-02"},"aggregations":[{"type":"count"}]}'
const pretty = JSON.stringify(JSON.parse(query), null, 2)

describe('queries in a stream of text', () => {
  it('is one query per line, with the line where it stands', async () => {
    expect(await split(`${query}\n\n  \n${query}\r\n`)).toEqual([{ text: `${query}\n`, line: 1 }, { text: `${query}\r\n`, line: 4 }])
  })

  it('is one query over many lines', async () => {
    expect(await split(pretty)).toEqual([{ text: `${pretty}\n`, line: 1 }])
  })

  it('is several queries over many lines each, as jq prints them', async () => {
    expect(await texts(`${pretty}\n${pretty}\n${query}\n${pretty}\n`)).toEqual([pretty, pretty, query, pretty])
  })

  it('takes any JSON value for a query, so that its fault can be told', async () => {
    expect(await texts('5\nnull\n"x"\n[]\n{}\n')).toEqual(['5', 'null', '"x"', '[]', '{}'])
  })

  it('yields a faulty line and goes on with the next', async () => {
    expect(await texts(`not json\n${query}\n{"a": nope}\n}\n${query}\n`)).toEqual(['not json', query, '{"a": nope}', '}', query])
  })

  it('ends a query that was cut off where a whole query begins', async () => {
    expect(await texts(`{"interval": {\n${query}\n`)).toEqual(['{"interval": {', query])
    expect(await split(`{\n"interval":\n${query}\n`)).toEqual([{ text: '{\n"interval":\n', line: 1 }, { text: `${query}\n`, line: 3 }])
  })

  it('keeps a nested object on a line of its own inside its query', async () => {
    const text = '{ "aggregations": [\n{ "type": "count" }\n,\n{ "type": "true" }\n]\n}'
    expect(await texts(text)).toEqual([text])
  })

  it('does not count brackets inside strings', async () => {
    const text = '{\n"name": "}]\\"}",\n"other": "{{["\n}'
    expect(await texts(`${text}\n${query}`)).toEqual([text, query])
  })

  it('yields a first line that ends inside a string before the next line comes', async () => {
    const seen: string[] = []
    async function* slow(): AsyncGenerator<string> {
      yield '{"interval": {"start": "2025\n'
      seen.push('next asked for')
      yield `${query}\n`
    }
    for await (const { text } of splitQueries(slow())) seen.push(text!.trimEnd())
    expect(seen).toEqual(['{"interval": {"start": "2025', 'next asked for', query])
  })

  it('yields each query before the next chunk is asked for', async () => {
    const seen: string[] = []
    async function* slow(): AsyncGenerator<string> {
      for (const chunk of [`${query}\n`, `${pretty}\n`, query]) {
        seen.push('chunk')
        yield chunk
      }
    }
    for await (const { line } of splitQueries(slow())) seen.push(`line ${line}`)
    expect(seen).toEqual(['chunk', 'line 1', 'chunk', 'line 2', 'chunk', `line ${2 + pretty.split('\n').length}`])
  })

  it('drops a line that is longer than any query, and goes on', async () => {
    const long = 'x'.repeat(MAX_QUERY_LENGTH / 2)
    expect(await split(long, long, `${long}\n`, `${query}\n`)).toEqual([{ text: null, line: 1 }, { text: `${query}\n`, line: 2 }])
    expect(await split(long, long, long, 'the rest\n', query)).toEqual([{ text: null, line: 1 }, { text: `${query}\n`, line: 2 }])
    expect(await split(`{\n"a": "`, long, long, long)).toEqual([{ text: null, line: 1 }])
  })

  it('skips a byte order mark', async () => {
    expect(await texts('\ufeff', query)).toEqual([query])
    expect(await texts(`\ufeff${query}`)).toEqual([query])
  })

  it('cuts alike however the text is cut into chunks and the values are printed', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.tuple(fc.jsonValue(), fc.integer({ min: 0, max: 3 })), { maxLength: 5 }),
      fc.array(fc.nat(400), { maxLength: 8 }),
      async (values, cuts) => {
        const text = values.map(([value, indent]) => `${JSON.stringify({ interval: value }, null, indent)}\n`).join('')
        const edges = [0, ...cuts.filter(cut => cut < text.length).sort((a, b) => a - b), text.length]
        const chunks = edges.slice(1).map((edge, i) => text.slice(edges[i], edge))
        const found = await split(...chunks)
        expect(found.map(one => JSON.parse(one.text!) as unknown)).toEqual(values.map(([value]) => JSON.parse(JSON.stringify({ interval: value })) as unknown))
      }
    ), { seed: 20250601, numRuns: 200 })
  })
})

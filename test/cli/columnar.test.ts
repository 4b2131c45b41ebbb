import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from '@uwdata/flechette'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeResult } from '../../cli/columnar.js'
import type { ResultTable } from '../../cli/result.js'
import { folder, start } from './process.js'
import { BY_DEVICE, COUNT, ndjson, VISITS } from './visits.js'

let files: Awaited<ReturnType<typeof folder>>
beforeAll(async () => { files = await folder({ 'visits.ndjson': ndjson(VISITS) }) })
afterAll(() => files.remove())

/** As text, stdout would be damaged. */
async function run(format: string, input: string): Promise<{ code: number | null, stdout: Buffer, stderr: string }> {
  const child = start(['query', '--source', 'visits.ndjson', '--format', format], { cwd: files.path })
  const out: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => void out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()))
  child.stdin.end(input)
  const code = await new Promise<number | null>(resolve => { child.on('close', resolve) })
  return { code, stdout: Buffer.concat(out), stderr }
}

async function duckdb(parquet: Uint8Array, select: string): Promise<unknown[][]> {
  const path = join(files.path, 'result.parquet')
  writeFileSync(path, parquet)
  const connection = await (await DuckDBInstance.create()).connect()
  const rows = (await connection.runAndReadAll(select.replace('$1', `'${path}'`))).getRowsJson()
  connection.closeSync()
  return rows
}

async function encoded(result: ResultTable, format: 'parquet' | 'arrow'): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of encodeResult(result, format)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const field = (name: string, type: 'dimension' | 'metric' = 'dimension') => ({ name, type })

describe('an answer', () => {
  it('is a Parquet file', async () => {
    const { code, stdout, stderr } = await run('parquet', JSON.stringify(BY_DEVICE))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await duckdb(stdout, 'SELECT epoch_ms("timestamp")::DOUBLE, device_type, count::DOUBLE, session_duration_secs_avg FROM $1')).toEqual([
      [Date.UTC(2018, 11, 31, 22), null, 1, null], [Date.UTC(2018, 11, 31, 22), 'desktop', 2, 32.5], [Date.UTC(2018, 11, 31, 22), 'mobile', 1, 10]
    ])
  })

  it('is an Arrow stream, several answers one after the other', async () => {
    const { code, stdout } = await run('arrow', `${JSON.stringify(COUNT)}\n${JSON.stringify(BY_DEVICE)}\n`)
    expect(code).toBe(0)
    const end = stdout.indexOf(Buffer.from('ffffffff00000000', 'hex')) + 8
    expect(tableFromIPC(stdout.subarray(0, end)).toArray()).toEqual([{ timestamp: Date.UTC(2018, 11, 31, 22), count: 4 }])
    expect(tableFromIPC(stdout.subarray(end)).toColumns()).toMatchObject({ device_type: [null, 'desktop', 'mobile'] })
  })

  it('is alone in a Parquet file', async () => {
    const { code, stderr } = await run('parquet', `${JSON.stringify(COUNT)}\n${JSON.stringify(COUNT)}\n`)
    expect(code).toBe(2)
    expect(stderr).toContain('a Parquet file holds one answer; give one query, or use --format arrow')
  })
})

describe('columns', () => {
  it('have the type that holds all their values, and names of their own', async () => {
    const result: ResultTable = {
      fields: [field('timestamp'), field('a'), field('a'), field('mixed'), field('rooms'), field('none'), field('sum', 'metric'), field('nothing', 'metric')],
      data: [
        ['2025-01-01T00:00:00.000+02:00', 1, 'x', 1, ['p', 'q'], null, 0.5, null], [null, 2, null, 'y', null, null, 2, null],
        ['2025-01-02T00:00:00.000Z', null, '', ['z'], ['r'], null, null, null]
      ]
    }
    const bytes = await encoded(result, 'parquet')
    expect(await duckdb(bytes, 'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM $1)')).toEqual([
      ['timestamp', 'TIMESTAMP WITH TIME ZONE'], ['a', 'BIGINT'], ['a_2', 'VARCHAR'], ['mixed', 'VARCHAR'], ['rooms', 'VARCHAR[]'], ['none', 'VARCHAR'],
      ['sum', 'DOUBLE'], ['nothing', 'DOUBLE']
    ])
    expect(await duckdb(bytes, 'SELECT mixed, rooms, epoch_ms("timestamp")::DOUBLE FROM $1')).toEqual([
      ['1', ['p', 'q'], Date.UTC(2024, 11, 31, 22)], ['y', null, null], ['["z"]', ['r'], Date.UTC(2025, 0, 2)]
    ])
  })

  it('are there without rows', async () => {
    const bytes = await encoded({ fields: [field('timestamp'), field('count', 'metric')], data: [] }, 'arrow')
    expect(tableFromIPC(bytes).schema.fields.map(({ name }) => name)).toEqual(['timestamp', 'count'])
  })
})

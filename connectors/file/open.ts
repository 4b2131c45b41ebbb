import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { isDynamicPattern, glob } from 'tinyglobby'

export type FileFormat = 'ndjson' | 'json' | 'csv' | 'tsv'
export const FILE_FORMATS: readonly FileFormat[] = ['ndjson', 'json', 'csv', 'tsv']

/** Large enough that splitting lines costs more than reading, small enough to keep memory flat. */
const CHUNK_BYTES = 256 * 1024
/** Bytes that are looked at to tell formats apart. */
const SNIFF_BYTES = 64 * 1024
const LF = 10
const GZIP = [0x1f, 0x8b]
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]

const ENDINGS: Readonly<Record<string, FileFormat>> = {
  ndjson: 'ndjson', jsonl: 'ndjson', ldjson: 'ndjson', json: 'json', csv: 'csv', tsv: 'tsv', tab: 'tsv'
}

/** A file that is not what a reader is there for; the message says what to do. */
export class FormatFault extends Error {}

export interface OpenFile {
  readonly format: FileFormat
  readonly chunks: AsyncIterable<Buffer>
  /** Bytes of the file read so far, compressed ones where it is compressed. */
  bytesRead(): number
  close(): void
}

export interface FoundFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** Files that `pattern` names, in order of their paths: one path as it is, else a glob. Empty where nothing matches. Throws FormatFault for a folder. */
export async function findFiles(pattern: string): Promise<FoundFile[]> {
  const exact = await stat(pattern).catch(() => null)
  if (exact?.isDirectory()) throw new FormatFault(`${pattern} is a folder; name its files, such as "${pattern.replace(/\/+$/, '')}/*.ndjson"`)
  if (exact) return [{ path: pattern, size: exact.size }]
  if (!isDynamicPattern(pattern)) return []
  const paths = await glob(pattern, { expandDirectories: false, absolute: pattern.startsWith('/') })
  const found = await Promise.all(paths.map(async path => ({ path, size: (await stat(path)).size })))
  return found.sort((a, b) => a.path < b.path ? -1 : 1)
}

/** Opens a file, unpacks gzip by its first bytes, and tells the format by `format`, else by the ending, else by the first bytes. */
export async function openFile(path: string, format: FileFormat | undefined): Promise<OpenFile> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  return openStream(file, format ?? formatOf(path), { bytesRead: () => file.bytesRead, close: () => void file.destroy() })
}

export async function openStream(
  input: AsyncIterable<Uint8Array>, format: FileFormat | undefined, handle: Pick<OpenFile, 'bytesRead' | 'close'>
): Promise<OpenFile> {
  const packed = await peek(input)
  refuse(packed.head)
  const plain = startsWith(packed.head, GZIP) ? await peek(gunzip(packed.chunks)) : packed
  refuse(plain.head)
  return { format: format ?? sniff(plain.head), chunks: withoutBom(plain.chunks), ...handle }
}

function formatOf(path: string): FileFormat | undefined {
  const ending = path.replace(/\.(gz|zst)$/i, '').toLowerCase().split('.').at(-1) ?? ''
  if (/^(parquet|arrow|feather|ipc)$/.test(ending)) throw new FormatFault(unreadable(ending === 'parquet' ? 'Parquet' : 'Arrow'))
  return Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined
}

function unreadable(kind: string): string {
  return `${kind} files cannot be read in this version; convert it to NDJSON, CSV or JSON`
}

function refuse(head: Buffer): void {
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') throw new FormatFault(unreadable('Parquet'))
  if (head.subarray(0, 6).toString('latin1') === 'ARROW1') throw new FormatFault(unreadable('Arrow'))
  if (startsWith(head, ZSTD)) throw new FormatFault('Zstandard files cannot be read in this version; unpack it or use gzip')
  if (startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff])) throw new FormatFault('the text is UTF-16; convert it to UTF-8')
}

function startsWith(head: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte)
}

/** JSON by its first bracket, NDJSON where the first line is a whole value, else CSV by the delimiter of the first line. */
function sniff(head: Buffer): FileFormat {
  const text = head.toString('utf8').replace(/^\uFEFF/, '').trimStart()
  if (text.startsWith('[')) return 'json'
  const end = text.indexOf('\n')
  const line = end < 0 ? text : text.slice(0, end)
  if (text.startsWith('{')) return end < 0 || isJson(line) || text.slice(end).trimStart().startsWith('{') ? 'ndjson' : 'json'
  const tabs = line.split('\t').length
  const commas = line.split(',').length
  if (tabs === 1 && commas === 1) return 'ndjson'
  return tabs > commas ? 'tsv' : 'csv'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The first bytes, and all of them again as a stream. */
async function peek(input: AsyncIterable<Uint8Array>): Promise<{ head: Buffer; chunks: AsyncIterable<Buffer> }> {
  const iterator = input[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let bytes = 0
  let done = false
  // a first line is enough, and more may not come soon
  while (bytes < SNIFF_BYTES && !done) {
    const next = await iterator.next()
    if (next.done) break
    first.push(toBuffer(next.value))
    bytes += next.value.length
    done = next.value.includes(LF)
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield* first.splice(0)
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield toBuffer(next.value)
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(first).subarray(0, SNIFF_BYTES), chunks: chunks() }
}

function toBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = Readable.from(chunks, { objectMode: false, highWaterMark: CHUNK_BYTES })
  const output = createGunzip({ chunkSize: CHUNK_BYTES })
  input.on('error', error => output.destroy(error))
  input.pipe(output)
  try {
    yield* output as AsyncIterable<Buffer>
  } catch (error) {
    throw new FormatFault(`the gzip data is damaged or cut off (${error instanceof Error ? error.message : String(error)})`, { cause: error })
  } finally {
    input.destroy()
    output.destroy()
  }
}

async function* withoutBom(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const chunk of chunks) {
    yield isFirst && startsWith(chunk, [0xef, 0xbb, 0xbf]) ? chunk.subarray(3) : chunk
    isFirst = false
  }
}

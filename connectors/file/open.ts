import { createReadStream, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isAirbyteMessage } from '../airbyte/airbyte.js'
import { isSingerMessage } from '../singer/singer.js'
import { CHUNK_BYTES, FileChunks } from './file-chunks.js'
import { FormatFault } from './format-fault.js'
import { sniffDelimiter } from './formats/delimiter.js'
import type { LinePosition } from './formats/lines.js'
import { holdAll, openAccess, type RandomAccess } from './random-access.js'
import { startsWith, unpackerOf } from './unpack.js'

export const FILE_FORMATS = ['ndjson', 'json', 'csv', 'tsv', 'parquet', 'arrow', 'singer', 'airbyte'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]

/** Bytes that are looked at to tell formats apart. */
const SNIFF_BYTES = 64 * 1024
const LF = 10
const BOM = [0xef, 0xbb, 0xbf]

const ENDINGS: Readonly<Record<string, FileFormat>> = {
  ndjson: 'ndjson', jsonl: 'ndjson', ldjson: 'ndjson', json: 'json', csv: 'csv', tsv: 'tsv', tab: 'tsv',
  parquet: 'parquet', arrow: 'arrow', arrows: 'arrow', feather: 'arrow', ipc: 'arrow'
}

export interface OpenFile {
  readonly format: FileFormat
  /** Of a plain file of lines: each is good until the next one is asked for. */
  readonly chunks: AsyncIterable<Buffer>
  /** Between cells, by the first line; null where it holds none. */
  readonly delimiter: string | null
  /** Where in a plain file the chunks begin; null for one that is packed, whose places say nothing. */
  readonly from: LinePosition | null
  /** For formats that are read from their end; in place of `chunks`. */
  access(): Promise<RandomAccess>
  /** Bytes of the file read so far, compressed ones where it is compressed. */
  bytesRead(): number
  close(): void
}

export interface FoundFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly inode: string
  /** Epoch ms of its last change. */
  readonly modified: number
}

/** Files that `pattern` names, in order of their paths: one path as it is, else a glob. Empty where nothing matches. Throws FormatFault for a folder. */
export async function findFiles(pattern: string): Promise<FoundFile[]> {
  const exact = await stat(pattern).catch(() => null)
  if (exact?.isDirectory()) throw new FormatFault(`${pattern} is a folder; name its files, such as "${pattern.replace(/\/+$/, '')}/*.ndjson"`)
  if (exact) return [foundFile(pattern, exact)]
  const { isDynamicPattern, glob } = await import('tinyglobby')
  if (!isDynamicPattern(pattern)) return []
  const paths = await glob(pattern, { expandDirectories: false, absolute: pattern.startsWith('/') })
  const found = await Promise.all(paths.map(async path => foundFile(path, await stat(path))))
  return found.sort((a, b) => a.path < b.path ? -1 : 1)
}

function foundFile(path: string, { size, dev, ino, mtimeMs }: Stats): FoundFile {
  return { path, size, inode: `${dev}:${ino}`, modified: mtimeMs }
}

/** Goes on with a plain file of lines; @param areBlocks these are taken as blocks */
export function openLines(path: string, from: LinePosition, areBlocks: boolean): OpenFile {
  const file = new FileChunks(path, from.offset, areBlocks)
  return { format: 'ndjson', chunks: file, delimiter: null, from, bytesRead: () => file.bytesRead, close: () => file.close(), access: () => openAccess(path) }
}

/** Opens a file, unpacks gzip and Zstandard by its first bytes, and tells the format by `format`, else by the ending, else by the first bytes. */
export async function openFile(path: string, format: FileFormat | undefined, areBlocks: boolean): Promise<OpenFile> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const opened = await openStream(file, format ?? formatOf(path), { bytesRead: () => file.bytesRead, close: () => void file.destroy() }, path)
  if (opened.format !== 'ndjson' || opened.from === null || !(await stat(path)).isFile()) return opened
  opened.close()
  return openLines(path, opened.from, areBlocks)
}

/** @param path of a file that the stream is of */
export async function openStream(
  input: AsyncIterable<Uint8Array>, format: FileFormat | undefined, handle: Pick<OpenFile, 'bytesRead' | 'close'>, path?: string
): Promise<OpenFile> {
  const packed = await peek(input)
  const unpack = unpackerOf(packed.head)
  const plain = unpack ? await peek(unpack(packed.chunks)) : packed
  const { head, chunks } = plain
  if (unpackerOf(head) !== undefined && unpack) throw new FormatFault('the data are packed twice; unpack them once')
  if (startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff])) throw new FormatFault('the text is UTF-16; convert it to UTF-8')
  const found = checkFormat(head, format)
  const isBinary = found === 'parquet' || found === 'arrow'
  const access = path !== undefined && !unpack ? () => openAccess(path) : () => holdAll(chunks)
  const from = unpack ? null : { offset: startsWith(head, BOM) ? BOM.length : 0, line: 1 }
  const delimiter = found === 'csv' ? sniffDelimiter(textOf(head)) : null
  return { format: found, chunks: isBinary ? chunks : withoutBom(chunks), delimiter, from, access, ...handle }
}

function formatOf(path: string): FileFormat | undefined {
  const ending = path.replace(/\.(gz|zst)$/i, '').toLowerCase().split('.').at(-1) ?? ''
  return Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined
}

/** Binary formats say what they are; nothing else is read as one, and they are read as nothing else. */
function checkFormat(head: Buffer, format: FileFormat | undefined): FileFormat {
  const binary = binaryFormat(head)
  if (format === undefined || format === binary || head.length === 0) return format ?? binary ?? sniff(head)
  if (binary !== undefined) throw new FormatFault(`this is ${NAMES[binary]}, not ${NAMES[format]}; correct its ending or "format"`)
  if (format === 'parquet' || format === 'arrow') throw new FormatFault(`this is no ${NAMES[format]}: its first bytes are others; correct its ending or "format"`)
  return format
}

const NAMES: Readonly<Record<FileFormat, string>> = {
  ndjson: 'NDJSON', json: 'JSON', csv: 'CSV', tsv: 'TSV', parquet: 'Parquet', arrow: 'Arrow', singer: 'Singer messages', airbyte: 'Airbyte messages'
}

function binaryFormat(head: Buffer): 'parquet' | 'arrow' | undefined {
  const magic = head.toString('latin1', 0, 6)
  if (magic.startsWith('PAR1') || magic.startsWith('PARE')) return 'parquet'
  return magic === 'ARROW1' || startsWith(head, [0xff, 0xff, 0xff, 0xff]) ? 'arrow' : undefined
}

/** JSON by its first bracket, messages of taps by the first of them, NDJSON where the first line is a whole value, else CSV where the first line holds a delimiter. */
function sniff(head: Buffer): FileFormat {
  const text = textOf(head).trimStart()
  if (text.startsWith('[')) return 'json'
  const end = text.indexOf('\n')
  const line = end < 0 ? text : text.slice(0, end)
  if (text.startsWith('{')) {
    const first = parsed(line)
    if (isSingerMessage(first)) return 'singer'
    if (isAirbyteMessage(first)) return 'airbyte'
    return end < 0 || first !== undefined || text.slice(end).trimStart().startsWith('{') ? 'ndjson' : 'json'
  }
  return sniffDelimiter(text) === null ? 'ndjson' : 'csv'
}

function textOf(head: Buffer): string {
  return head.toString('utf8').replace(/^\uFEFF/, '')
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
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

async function* withoutBom(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const chunk of chunks) {
    yield isFirst && startsWith(chunk, BOM) ? chunk.subarray(BOM.length) : chunk
    isFirst = false
  }
}

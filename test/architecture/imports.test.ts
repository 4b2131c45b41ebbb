import { builtinModules } from 'node:module'
import { describe, expect, it } from 'vitest'
import { findCycle, importsOf, sourceFiles, type SourceFile } from './source-files.js'

const files = sourceFiles()
const MAX_LINES = 500

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

/** `file -> import` for every import of the files of a folder that is not allowed. */
function violations(folder: string, isAllowed: (imported: string) => boolean): string[] {
  return files.filter(({ path }) => folderOf(path) === folder)
    .flatMap(one => one.files.filter(imported => !isAllowed(imported)).map(imported => `${one.path} -> ${imported}`))
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier)
}

/** Quoted otherwise here, so that these are no imports of this file. */
function code(text: string): string {
  return text.replaceAll(/[«»]/g, "'")
}

function file(path: string, imported: string[]): SourceFile {
  return { path, lines: 1, imports: [], files: imported }
}

describe('imports', () => {
  it('are read from source', () => {
    expect(importsOf(code('import { a } from «./a.js»\nimport type {\n  B\n} from «./b.js»\nimport «./c.js»\nexport * from «./d.js»\nconst e = await import(«./e.js»)')))
      .toEqual(['./a.js', './b.js', './c.js', './d.js', './e.js'])
    expect(importsOf(code('// import { a } from «./a.js»\n/** from «./b.js» */\nconst text = «from nowhere»'))).toEqual([])
  })

  it('of dsl are of dsl alone', () => {
    expect(violations('dsl', imported => folderOf(imported) === 'dsl')).toEqual([])
  })

  it('of engine are of dsl and engine', () => {
    expect(violations('engine', imported => ['dsl', 'engine'].includes(folderOf(imported)))).toEqual([])
  })

  it('of engine and dsl have nothing of Node but in engine/store', () => {
    const found = files.filter(({ path }) => ['dsl', 'engine'].includes(folderOf(path)) && !path.startsWith('engine/store/'))
      .flatMap(({ path, imports }) => imports.filter(isBuiltin).map(specifier => `${path} -> ${specifier}`))
    expect(found).toEqual([])
  })

  it('of connectors are of connectors, dsl and the sessions of engine', () => {
    expect(violations('connectors', imported => ['connectors', 'dsl'].includes(folderOf(imported)) || imported === 'engine/session.ts')).toEqual([])
  })

  it('of threads are of engine/parallel', () => {
    expect(violations('threads', imported => imported.startsWith('engine/parallel/'))).toEqual([])
  })

  it('of cli are by cli, tests and benches only', () => {
    const found = files.filter(({ path }) => !['cli', 'test', 'bench'].includes(folderOf(path)))
      .flatMap(({ path, files: imported }) => imported.filter(one => folderOf(one) === 'cli').map(one => `${path} -> ${one}`))
    expect(found).toEqual([])
  })

  it('of tests and benches are by tests and benches only', () => {
    const found = files.filter(({ path }) => !['test', 'bench'].includes(folderOf(path)))
      .flatMap(({ path, files: imported }) => imported.filter(one => ['test', 'bench'].includes(folderOf(one))).map(one => `${path} -> ${one}`))
    expect(found).toEqual([])
  })

  it('name files that exist', () => {
    const known = new Set(files.map(({ path }) => path))
    const missing = files.flatMap(({ path, files: imported }) => imported.filter(one => one.endsWith('.ts') && !known.has(one)).map(one => `${path} -> ${one}`))
    expect(missing).toEqual([])
  })

  it('go in no circle, those of types included', () => {
    expect(findCycle(files.filter(({ path }) => folderOf(path) !== 'test'))).toBeNull()
  })

  it('that go in a circle are found', () => {
    expect(findCycle([file('a', ['b']), file('b', ['c', 'd']), file('c', []), file('d', ['b'])])).toEqual(['b', 'd', 'b'])
  })
})

describe('files', () => {
  it(`have at most ${MAX_LINES} lines`, () => {
    expect(files.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
  })

  it('of source are found', () => {
    expect(files.length).toBeGreaterThan(50)
  })
})

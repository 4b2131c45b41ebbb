/** The project's own source files, and what each imports. */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SourceFile {
  /** From the root of the project, with slashes. */
  readonly path: string
  readonly lines: number
  /** Specifiers as they are written. */
  readonly imports: readonly string[]
  /** Project files among the imports, from the root; for a type or a value. */
  readonly files: readonly string[]
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const FOLDERS = ['dsl', 'engine', 'connectors', 'threads', 'cli', 'test', 'bench'] as const

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`; a `from` on a line of its own closes a list over several lines. */
const SPECIFIER = /(?:^|[\s};])(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/gm

export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  return Array.from(code.matchAll(SPECIFIER), match => match[2] as string)
}

/** All TypeScript files of the folders and of the root. */
export function sourceFiles(): SourceFile[] {
  const inFolders = FOLDERS.flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`))
  const inRoot = readdirSync(ROOT, { encoding: 'utf8' })
  return [...inRoot, ...inFolders]
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => path.endsWith('.ts') && !path.includes('node_modules/'))
    .map(path => {
      const source = readFileSync(join(ROOT, path), 'utf8')
      const imports = importsOf(source)
      const files = imports.filter(one => one.startsWith('.')).map(one => relative(ROOT, resolve(ROOT, dirname(path), one)).replaceAll('\\', '/').replace(/\.js$/, '.ts'))
      return { path, lines: source.split('\n').length - 1, imports, files }
    })
}

/** The files of one cycle of imports, the first again at the end; null where there is none. */
export function findCycle(files: readonly SourceFile[]): string[] | null {
  const imports = new Map(files.map(file => [file.path, file.files]))
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return null
    done.add(path)
    for (const next of imports.get(path) ?? []) {
      const cycle = walk(next, [...trail, path])
      if (cycle) return cycle
    }
    return null
  }
  for (const { path } of files) {
    const cycle = walk(path, [])
    if (cycle) return cycle
  }
  return null
}

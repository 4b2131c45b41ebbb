import { build, type Metafile } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { Duration } from '../../cli/lazy/luxon.js'
import { RE2JS } from '../../cli/lazy/re2js.js'

/** What a file of the bundle loads before it runs, by way of others too: names of packages and builtins. */
function loadedBy(start: string, { outputs }: Metafile): string[] {
  const seen = new Set([start])
  const outside = new Set<string>()
  for (const path of seen) {
    for (const imported of outputs[path]!.imports) {
      if (imported.kind !== 'import-statement') continue
      if (imported.external === true) outside.add(imported.path)
      else seen.add(imported.path)
    }
  }
  return [...outside].sort()
}

async function bundle(): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: ['cli/main.ts'], bundle: true, splitting: true, format: 'esm', platform: 'node', packages: 'external', metafile: true, write: false, outdir: 'dist/cli',
    alias: { re2js: './cli/lazy/re2js.ts', luxon: './cli/lazy/luxon.ts' }
  })
  return metafile
}

describe('the built command', () => {
  it('loads no package before it answers a query over lines in UTC as JSON', async () => {
    const metafile = await bundle()
    const entries = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint !== undefined)
    for (const start of ['cli/main.ts', 'cli/commands/query.ts', 'cli/answer.ts']) {
      const path = entries.find(([, { entryPoint }]) => entryPoint === start)![0]
      expect(loadedBy(path, metafile).filter(name => !name.startsWith('node:'))).toEqual([])
    }
  })

  it('gets a pattern from re2js when there is one', () => {
    expect(RE2JS.compile('^a+$').matcher('aaa').find()).toBe(true)
    expect(() => RE2JS.compile('(')).toThrow(/missing closing/)
  })

  it('gets a duration from Luxon when there is one', () => {
    expect(Duration.fromISO('PT1H30M').toMillis()).toBe(5_400_000)
    expect(Duration.fromISO('soon').isValid).toBe(false)
    expect(Duration.fromMillis(1500).toISO()).toBe('PT1.5S')
  })
})

import { describe, expect, it } from 'vitest'
import { parseSize, readOptions, type OptionSpecs } from '../../cli/arguments.js'
import { UsageError } from '../../cli/exit.js'

const specs: OptionSpecs = {
  source: { value: 'PATH', repeatable: true, help: '' },
  config: { value: 'FILE', help: '' },
  format: { value: 'FORMAT', choices: ['json', 'table'], help: '' },
  quiet: { help: '' }
}

function fault(...args: string[]): string {
  try {
    readOptions(args, specs)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as Error).message
  }
  return 'no error'
}

describe('options', () => {
  it('are read in both spellings, repeated where they may be', () => {
    const options = readOptions(['--source', 'a', '--source=b', '--config=c=d', '--quiet'], specs)
    expect(options.all('source')).toEqual(['a', 'b'])
    expect(options.one('config')).toBe('c=d')
    expect(options.one('quiet')).toBe('')
    expect(options.one('format')).toBeUndefined()
  })

  it('take a lone dash and a value with a leading dash', () => {
    expect(readOptions(['--source', '-'], specs).all('source')).toEqual(['-'])
    expect(readOptions(['--source=-x'], specs).all('source')).toEqual(['-x'])
  })

  it('name the known word that an unknown one is near to', () => {
    expect(fault('--sorce', 'a')).toBe('unknown option --sorce. Did you mean --source?')
    expect(fault('--zzzzzzzz')).toBe('unknown option --zzzzzzzz.')
    expect(fault('-x')).toBe('unknown option -x.')
    expect(fault('--constructor')).toContain('unknown option --constructor')
    expect(fault('--format', 'tabel')).toBe('--format "tabel": one of json, table is expected. Did you mean table?')
  })

  it('say what is missing or too much', () => {
    expect(fault('--config')).toBe('--config needs a value: --config FILE')
    expect(fault('--config=')).toBe('--config needs a value: --config FILE')
    expect(fault('--config', '--source')).toContain('--config needs a value')
    expect(fault('--config', 'a', '--config', 'b')).toBe('--config is given twice, and takes one value')
    expect(fault('--quiet=yes')).toBe('--quiet takes no value')
    expect(fault('--source', 'a', 'b')).toContain('a glob is put in quotes')
  })
})

describe('sizes', () => {
  it('are bytes, decimal or binary', () => {
    expect(['100', '1kB', '1.5MB', '2GiB', '512m', '1 GB'].map(parseSize)).toEqual([100, 1000, 1.5e6, 2 ** 31, 2 ** 29, 1e9])
  })

  it('are refused when they are none', () => {
    for (const text of ['', 'much', '1XB', '-5MB', '0', '1e9', '__proto__', '1constructor']) expect(() => parseSize(text)).toThrow(UsageError)
  })
})

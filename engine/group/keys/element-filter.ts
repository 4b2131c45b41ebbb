/** Which values of a dimension, or elements of an array, group_by keeps. */
import { RE2JS } from 're2js'
import type { ElementFilter } from '../../../dsl/query.js'

/** Whether all filters keep a text. */
export function keepsText(filters: readonly ElementFilter[]): (text: string) => boolean {
  const tests = filters.map(testOf)
  return text => tests.every(test => test(text))
}

/** Numbers are listed as numbers; a pattern or prefix is of their text. */
export function keepsNumber(filters: readonly ElementFilter[]): (value: number) => boolean {
  const tests = filters.map((filter): (value: number) => boolean => {
    if (filter.type === 'list') {
      const values = new Set(filter.values.map(Number))
      return value => values.has(value) === filter.keeps
    }
    const test = testOf(filter)
    return value => test(String(value))
  })
  return value => tests.every(test => test(value))
}

function testOf(filter: ElementFilter): (text: string) => boolean {
  switch (filter.type) {
    case 'list': {
      const values = new Set(filter.values.map(String))
      return text => values.has(text) === filter.keeps
    }
    case 'prefix': return text => text.startsWith(filter.prefix)
    case 'regex': {
      const pattern = RE2JS.compile(filter.pattern)
      return text => pattern.matcher(text).matches()
    }
  }
}

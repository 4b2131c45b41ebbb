import { describe, expect, it } from 'vitest'
import { describeError, errorLine, EXIT, exitCodeOf, UsageError, worse } from '../../cli/exit.js'
import { LimitError, QueryError, SessionqlError } from '../../dsl/errors.js'

const faulty = new QueryError([{ code: 'unknown_key', pointer: '/limt', message: 'the key "limt" is not known; did you mean "limit"?', suggestion: 'limit' }])

describe('exit codes', () => {
  it('follow from the error', () => {
    expect(exitCodeOf(new UsageError('x'))).toBe(2)
    expect(exitCodeOf(new SessionqlError('invalid_config', 'x'))).toBe(2)
    expect(exitCodeOf(faulty)).toBe(3)
    expect(exitCodeOf(new SessionqlError('source_unreachable', 'x'))).toBe(4)
    expect(exitCodeOf(new SessionqlError('store_damaged', 'x'))).toBe(4)
    expect(exitCodeOf(new LimitError('memory_budget', 1, 2, 'x'))).toBe(5)
    expect(exitCodeOf(new TypeError('x'))).toBe(1)
  })

  it('give way to the one whose cause lies deepest', () => {
    expect(worse(EXIT.ok, EXIT.limit)).toBe(5)
    expect(worse(EXIT.query, EXIT.limit)).toBe(3)
    expect(worse(EXIT.query, EXIT.source)).toBe(4)
    expect(worse(EXIT.source, EXIT.interrupted)).toBe(130)
    expect(worse(EXIT.ok, EXIT.ok)).toBe(0)
  })
})

describe('errors', () => {
  it('are a line for a program, with the issues of a query', () => {
    expect(JSON.parse(errorLine(faulty))).toEqual({ error: { code: 'invalid_query', message: faulty.message, issues: faulty.issues } })
    expect(errorLine(new SessionqlError('source_failed', 'two\nlines')).match(/\n/g)).toHaveLength(1)
  })

  it('are sentences for a person, one per fault', () => {
    expect(describeError(faulty)).toBe('the query cannot be answered:\n  /limt: the key "limt" is not known; did you mean "limit"?')
    expect(describeError(new SessionqlError('closed', 'The engine was closed.'))).toBe('The engine was closed.')
    expect(describeError(new TypeError('oops'))).toContain('a fault of sessionql itself')
  })
})

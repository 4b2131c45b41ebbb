/** Collects the faults of a query while it is read, and words what was got. */
import { QueryError, type QueryIssue, type QueryIssueCode } from './errors.js'
import { meant } from './suggest.js'

/** More faults than a person reads at once; reading ends there, which bounds the work for hostile input. */
const MAX_ISSUES = 100

/** Quoted values are cut to this many characters. */
const MAX_QUOTED = 60

export class Issues {
  readonly #issues: QueryIssue[] = []

  /**
   * `message`: what was got and what is expected, without a full stop. A near one of `known` is added as "did you mean".
   * @throws QueryError when there are too many faults to go on
   */
  add(code: QueryIssueCode, pointer: string, message: string, wrong?: string, known: Iterable<string> = []): void {
    if (this.#issues.length === MAX_ISSUES) {
      this.#issues.push({ code: 'too_large', pointer: '', message: `There are more than ${MAX_ISSUES} faults; these are the first.` })
      this.throwIfAny()
    }
    const suggestion = wrong === undefined ? undefined : meant(wrong, known)
    if (suggestion === undefined) this.#issues.push({ code, pointer, message: `${message}.` })
    else this.#issues.push({ code, pointer, message: `${message}; did you mean ${quote(suggestion)}?`, suggestion })
  }

  /** Whether there is a fault at a pointer or below it. */
  has(pointer: string): boolean {
    return this.#issues.some(issue => issue.pointer === pointer || issue.pointer.startsWith(`${pointer}/`))
  }

  /** @throws QueryError with all faults, if there are any */
  throwIfAny(): void {
    if (this.#issues.length > 0) throw new QueryError(this.#issues)
  }
}

/** The JSON Pointer (RFC 6901) of a key or position below `pointer`. */
export function below(pointer: string, key: string | number): string {
  if (typeof key === 'number') return `${pointer}/${key}`
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** A value as JSON, cut where it is long. */
export function quote(value: string): string {
  return JSON.stringify(cut(value))
}

/** The beginning of a long text. */
export function cut(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
}

/** A value for a sentence: `the string "x"`, `the number 5`, `an array`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string': return `the string ${quote(value)}`
    case 'number': return `the number ${value}`
    case 'boolean': return String(value)
    case 'object': return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object'
    default: return `a ${typeof value}`
  }
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

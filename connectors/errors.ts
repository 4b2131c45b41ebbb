import { SessionqlError, type ErrorCode } from '../dsl/errors.js'

/** For a stored state that is none of this connector's. */
export function unknownState(source: string): SourceError {
  return new SourceError('invalid_state', source, 'the stored state has a form that this version does not know; read from the beginning (sync --fresh).')
}

/** A source that cannot be read. The message names the source, the cause and what to do; never a secret. */
export class SourceError extends SessionqlError {
  readonly source: string
  /** The system may have acted on a request that must not be repeated. */
  readonly mayHaveActed: boolean

  constructor(code: ErrorCode, source: string, message: string, options: ErrorOptions & { readonly mayHaveActed?: boolean } = {}) {
    super(code, `source ${JSON.stringify(source)}: ${message}`, options)
    this.source = source
    this.mayHaveActed = options.mayHaveActed ?? false
  }
}

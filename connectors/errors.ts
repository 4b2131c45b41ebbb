import { SessionqlError, type ErrorCode } from '../dsl/errors.js'

/** A source that cannot be read. The message names the source, the cause and what to do; never a secret. */
export class SourceError extends SessionqlError {
  readonly source: string

  constructor(code: ErrorCode, source: string, message: string, options?: ErrorOptions) {
    super(code, `source ${JSON.stringify(source)}: ${message}`, options)
    this.source = source
  }
}

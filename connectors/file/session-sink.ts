import type { Session } from '../../engine/session.js'
import { DeadLetters } from '../dead-letters.js'
import { isRecord } from '../record/fields.js'
import { Renames } from '../record/flatten.js'
import { pageRows } from '../record/pages.js'
import { RecordFault } from '../record/row.js'
import type { DeadLetter, SourceReport } from '../source.js'
import type { RecordSink } from './formats/records.js'
import { genericSession, ORIGINAL_SOURCE, TIME_FIELDS, type GenericRules } from './generic.js'
import { hidesRecords, openShape, type ShapeName, type ShapeReader } from './shapes.js'

export interface SinkRules {
  readonly source: string
  readonly map: readonly (readonly [string, string])[]
  readonly shape: ShapeName | undefined
  readonly maxBadShare: number
}

/** Turns the records of files into sessions and dead letters. */
export class SessionSink implements RecordSink {
  readonly #generic: GenericRules
  readonly #shape: ShapeReader | null
  readonly #report: SourceReport
  readonly #letters: DeadLetters
  #sessions: Session[] = []
  #path = ''
  #line = 0
  #renamedSource = false

  constructor(rules: SinkRules, report: SourceReport, onDeadLetter: ((letter: DeadLetter) => void) | undefined) {
    this.#report = report
    const hidden = rules.shape !== undefined && hidesRecords(rules.shape)
    const shown = (record: unknown) => hidden ? '(left out: it may hold a token)' : record
    this.#letters = new DeadLetters(rules.source, report, { onDeadLetter, maxBadShare: rules.maxBadShare, shown })
    this.#generic = { source: rules.source, renames: rules.map.length > 0 ? new Renames(rules.map) : null }
    this.#shape = rules.shape === undefined ? null : openShape(rules.shape, rules.source, {
      session: session => this.#add(session),
      fault: (reason, record) => this.#bury(reason, record),
      warn: message => this.#warn(message)
    })
  }

  /** The records that follow are of this file. */
  open(path: string): void {
    this.#path = path
  }

  get size(): number {
    return this.#sessions.length
  }

  take(): Session[] {
    const sessions = this.#sessions
    this.#sessions = []
    return sessions
  }

  /** Counts records that became sessions elsewhere. */
  credit(records: number): void {
    this.#letters.good += records
  }

  record(value: unknown, number: number, line: number, key = `${this.#path}#${number}`): void {
    this.#line = line
    try {
      if (this.#shape) this.#shape.read(value)
      else this.#plain(value, key)
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error
      this.#bury(error.message, value)
    }
  }

  fault(reason: string, _number: number, line: number, raw: string): void {
    this.#line = line
    this.#bury(reason, raw)
  }

  /** Whether reading could end here without failing. */
  get isAcceptable(): boolean {
    return this.#letters.isAcceptable
  }

  /** Throws SourceError source_data once it is plain that the files are something else. */
  checkEarly(): void {
    this.#letters.checkEarly()
  }

  /** After the last record: hands over what was held back. */
  end(): void {
    this.#shape?.end()
  }

  /** Judges the whole. Throws SourceError source_data. */
  finish(): void {
    this.#letters.finishWhole()
    for (const path of this.#generic.renames?.unseen ?? []) {
      if (this.#letters.good > 0) this.#warn(`"map" names the path ${JSON.stringify(path)}, which no record has.`)
    }
    if (this.#renamedSource) this.#warn(`the records have a field "source", which is kept as "${ORIGINAL_SOURCE}": "source" names the connector.`)
  }

  #plain(value: unknown, key: string): void {
    if (typeof value !== 'object' || value === null) throw new RecordFault(`a JSON ${value === null ? 'null' : typeof value} where an object is expected`)
    const rows = this.#hasTime(value) ? null : pageRows(value)
    if (rows !== null) {
      for (const [index, row] of rows.entries()) this.#add(genericSession(row, `${key}.${index + 1}`, this.#generic))
    } else if (isRecord(value)) this.#add(genericSession(value, key, this.#generic))
    else throw new RecordFault('a JSON array where an object is expected')
  }

  #hasTime(value: object): boolean {
    return TIME_FIELDS.some(field => Object.hasOwn(value, field)) || this.#generic.renames?.has('started_at') === true && !Array.isArray(value)
  }

  #add(session: Session): void {
    this.#letters.good++
    this.#renamedSource ||= session[ORIGINAL_SOURCE] !== undefined
    this.#sessions.push(session)
  }

  #bury(problem: string, record: unknown): void {
    this.#letters.bury(`${this.#path}:${this.#line}: ${problem}`, record)
  }

  #warn(message: string): void {
    if (!this.#report.warnings.includes(message)) this.#report.warnings.push(message)
  }
}

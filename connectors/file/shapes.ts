/** The mappings of the five systems, applied to responses that somebody recorded. */
import type { ColumnDescription, Session } from '../../engine/session.js'
import { CONVIVA_COLUMNS, convivaRows, mapConvivaRow } from '../conviva/row.js'
import { GENESYS_COLUMNS, genesysRows, mapGenesysRow } from '../genesys/row.js'
import { GIOSG_COLUMNS, GiosgSessions } from '../giosg/table.js'
import { mapPublicaConsumptionRow, PUBLICA_CONSUMPTION_COLUMNS, publicaConsumptionRows } from '../publica-consumption/row.js'
import { mapPublicaReaderRecord, PUBLICA_READER_COLUMNS, publicaReaderRows } from '../publica-reader/row.js'
import { isTable } from '../record/pages.js'
import { RecordFault } from '../record/row.js'

/** What a shape gives. */
export interface ShapeSink {
  session(session: Session): void
  fault(reason: string, record: unknown): void
  warn(message: string): void
}

/** Reads one recorded response after the other. */
export interface ShapeReader {
  /** Throws RecordFault for what is no response of the system. */
  read(body: unknown): void
  /** After the last one. */
  end(): void
}

interface Shape {
  readonly columns: readonly ColumnDescription[]
  /** Its records hold secrets and are shown to nobody. */
  readonly isSecret: boolean
  open(source: string, sink: ShapeSink): ShapeReader
}

const SHAPES = {
  'publica-consumption': byRow(PUBLICA_CONSUMPTION_COLUMNS, publicaConsumptionRows, mapPublicaConsumptionRow),
  'publica-reader': byRow(PUBLICA_READER_COLUMNS, publicaReaderRows, (row, source) => mapPublicaReaderRecord(row, source), true),
  genesys: byRow(GENESYS_COLUMNS, genesysRows, (row, source) => mapGenesysRow(row, source)),
  conviva: byRow(CONVIVA_COLUMNS, convivaRows, mapConvivaRow),
  giosg: { columns: GIOSG_COLUMNS, isSecret: false, open: openGiosg }
} satisfies Record<string, Shape>

export type ShapeName = keyof typeof SHAPES
export const SHAPE_NAMES = Object.keys(SHAPES) as readonly ShapeName[]

export function isShapeName(name: string): name is ShapeName {
  return Object.hasOwn(SHAPES, name)
}

export function shapeColumns(name: ShapeName): readonly ColumnDescription[] {
  return SHAPES[name].columns
}

/** Whether records of this shape must not be shown, because they hold tokens. */
export function hidesRecords(name: ShapeName): boolean {
  return SHAPES[name].isSecret
}

export function openShape(name: ShapeName, source: string, sink: ShapeSink): ShapeReader {
  return SHAPES[name].open(source, sink)
}

function byRow(
  columns: readonly ColumnDescription[], rows: (body: unknown) => readonly unknown[], map: (row: unknown, source: string) => Session, isSecret = false
): Shape {
  return {
    columns,
    isSecret,
    open: (source, sink) => ({
      read(body) {
        for (const row of rows(body)) attempt(sink, row, () => sink.session(map(row, source)))
      },
      end: () => undefined
    })
  }
}

/** The scalars of a session and its arrays come in different answers: sessions are whole only after the last one. */
function openGiosg(source: string, sink: ShapeSink): ShapeReader {
  const sessions = new GiosgSessions(source)
  return {
    read(body) {
      if (!isTable(body)) throw new RecordFault('an answer without "fields" and "data"')
      const { unknown } = sessions.add(body, [], (row, read) => attempt(sink, row, read))
      for (const name of unknown) sink.warn(`giosg's answer has a field "${name}" that its documents do not; it is kept.`)
    },
    end() {
      for (const session of sessions.take()) sink.session(session)
    }
  }
}

function attempt(sink: ShapeSink, row: unknown, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RecordFault)) throw error
    sink.fault(error.message, row)
  }
}

/** What the library offers of its connectors. */
export { loadConfig, parseConfig, type Config, type Environment, type SourceConfig } from './config.js'
export { createSource, SOURCE_TYPES } from './registry.js'
export { createConvivaSource, type ConvivaState } from './conviva/conviva.js'
export { createFileSource, type FileConfig, type FileSourceOptions } from './file/file.js'
export { createGenesys } from './genesys/genesys.js'
export { createGiosgSource, type GiosgState } from './giosg/giosg.js'
export { createPublicaConsumption, type PublicaConsumptionState } from './publica-consumption/publica-consumption.js'
export { createPublicaReader, type PublicaReaderState } from './publica-reader/publica-reader.js'
export { systemClock } from './http/clock.js'
export { SourceError } from './errors.js'
// for connectors of one's own
export { mapColumns, type MappedColumn } from './columns.js'
export { DeadLetters } from './dead-letters.js'
export { Budgets, readBudget, type Budget } from './http/budgets.js'
export { CHECK_REQUEST, checkResult, type Patience } from './http/check.js'
export { requestJson, type JsonRequest, type JsonResponse } from './http/request.js'
export { resumable } from './resumable.js'
export { readSettings, type Settings } from './settings.js'
export { readWatermark, watermarkAfter, type Watermark } from './watermark.js'
export { newReport } from './source.js'
export type {
  Batch, CheckResult, Clock, ColumnDescription, DeadLetter, Gap, ReadOptions, Session, Source, SourceReport
} from './source.js'

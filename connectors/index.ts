/** What the library offers of its connectors. */
export { loadConfig, parseConfig, type Config, type Environment, type SourceConfig } from './config.js'
export { createSource, SOURCE_TYPES } from './registry.js'
export { createConvivaSource, type ConvivaState } from './conviva.js'
export { createFileSource, type FileConfig, type FileSourceOptions } from './file.js'
export { createGenesys } from './genesys.js'
export { createGiosgSource, type GiosgState } from './giosg.js'
export { createPublicaConsumption, type PublicaConsumptionState } from './publica-consumption.js'
export { createPublicaReader, type PublicaReaderState } from './publica-reader.js'
export { systemClock } from './clock.js'
export { SourceError } from './errors.js'
export { newReport } from './source.js'
export type {
  Batch, CheckResult, Clock, ColumnDescription, DeadLetter, Gap, ReadOptions, Session, Source, SourceReport
} from './source.js'

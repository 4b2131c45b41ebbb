/** The names of the files of a data folder. */

export const MANIFEST_FILE = 'manifest'
/** The manifest that is being written. */
export const NEW_MANIFEST_FILE = 'manifest.new'
/** The only file of folders of the first format; as a log it has the number 0. */
export const FIRST_LOG_FILE = 'sessions.log'

const TABLE_FILE = /^(?:segment|dictionary|deletions)-(\d+)$/
const LOG_FILE = /^log-(\d+)$/

export function logName(number: number): string {
  return number === 0 ? FIRST_LOG_FILE : `log-${number}`
}

/** The number of a log; null where it is none. */
export function logNumber(name: string): number | null {
  const match = LOG_FILE.exec(name)
  return match !== null ? Number(match[1]) : name === FIRST_LOG_FILE ? 0 : null
}

/** The number of a segment, dictionary or file of deletions; null where it is none. */
export function tableFileNumber(name: string): number | null {
  const match = TABLE_FILE.exec(name)
  return match === null ? null : Number(match[1])
}

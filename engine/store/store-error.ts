import { SessionqlError } from '../../dsl/errors.js'

const CAUSES: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist, or the folder above it does not; create it or correct the path'],
  ['ENOTDIR', 'a part of the path is a file, not a folder; correct the path'],
  ['EISDIR', 'a folder is in the place of a file; move it away'],
  ['EEXIST', 'a file is in the place of the folder; correct the path'],
  ['EACCES', 'permission denied; give this user the right to read and write there'],
  ['EPERM', 'permission denied; give this user the right to read and write there'],
  ['EROFS', 'the file system is read-only; choose another folder'],
  ['ENOSPC', 'the disk is full; make room and try again'],
  ['EDQUOT', 'the disk quota is used up; make room and try again'],
  ['EMFILE', 'this process has too many open files']
])

/** A fault of the file system as `store_failed`; an error of ours stays what it is. */
export function storeFailed(action: string, path: string, error: unknown): SessionqlError {
  if (error instanceof SessionqlError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const cause = CAUSES.get(code) ?? (error instanceof Error ? error.message : String(error))
  return new SessionqlError('store_failed', `cannot ${action} ${path}: ${cause}`, { cause: error })
}

/** `offset` is that of the record in bytes from the beginning of the file. */
export function storeDamaged(path: string, offset: number, what: string): SessionqlError {
  return new SessionqlError('store_damaged', `${path} is damaged at byte ${offset}: ${what}. Nothing was changed; restore the file from a copy`)
}

import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Where a program is that the system would start under this name; null where there is none. */
export async function findProgram(name: string): Promise<string | null> {
  const folders = /[\\/]/.test(name) ? [''] : (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  for (const path of folders.map(folder => folder === '' ? name : join(folder, name))) {
    if (await access(path, constants.X_OK).then(() => true, () => false)) return path
  }
  return null
}

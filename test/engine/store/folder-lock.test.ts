import { spawnSync } from 'node:child_process'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FolderLock } from '../../../engine/store/folder-lock.js'
import { opened, temporaryFolder } from './folder.js'

const HOST = hostname().replaceAll(/[^\w.]/g, '_')
const lockName = (pid: number, host: string): string => `lock-${pid}-1-${host}-${crypto.randomUUID()}`
const deadProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid

describe('the lock of a data folder', () => {
  it('lets one storage in at a time', async () => {
    const folder = await temporaryFolder()
    const storage = await opened(folder)
    await expect(opened(folder)).rejects.toMatchObject({ code: 'store_failed', message: expect.stringContaining('in use by this process') })
    await storage.close()
    await (await opened(folder)).close()
  })

  it('is never held twice, however many come at once, and is free again afterwards', async () => {
    const folder = await temporaryFolder()
    let wins = 0
    for (let round = 0; round < 10; round++) {
      if (round % 2 === 0) await writeFile(join(folder, lockName(deadProcess(), HOST)), '')
      const taken = await Promise.allSettled(Array.from({ length: 4 }, () => FolderLock.take(folder)))
      const winners = taken.filter(result => result.status === 'fulfilled')
      expect(winners.length).toBeLessThanOrEqual(1)
      expect(await readdir(folder)).toHaveLength(winners.length)
      for (const { value } of winners) await value.release()
      wins += winners.length
    }
    expect(wins).toBeGreaterThan(0)
    expect(await readdir(folder)).toEqual([])
  })

  it('of a running process is respected, and of another host too', async () => {
    const folder = await temporaryFolder()
    const dead = deadProcess()
    for (const [pid, host, who] of [[process.ppid, HOST, `process ${process.ppid};`], [dead, 'elsewhere', `process ${dead} on host "elsewhere"`]] as const) {
      const name = lockName(pid, host)
      await writeFile(join(folder, name), '')
      const error: unknown = await FolderLock.take(folder).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'store_failed', message: expect.stringContaining(who) })
      expect((error as Error).message).toContain(`delete ${join(folder, name)}`)
      expect(await readdir(folder)).toEqual([name])
      await rm(join(folder, name))
    }
  })

  it('of a dead process is taken over, also of one that had our pid; other files stay', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'lock-of-mine'), '')
    for (const pid of [deadProcess(), process.pid]) await writeFile(join(folder, lockName(pid, HOST)), '')
    const lock = await FolderLock.take(folder)
    expect(await readdir(folder)).toHaveLength(2)
    await lock.release()
    expect(await readdir(folder)).toEqual(['lock-of-mine'])
  })
})

import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GatewayError } from '../../errors.ts'

export interface FolderLock {
  release(): Promise<void>
}

/**
 * Creates the folder of an embedded database, readable by its owner only, and locks it against a second process: two processes would
 * destroy the data. A lock that a dead process left behind is taken over.
 * @throws GatewayError CONFIGURATION when a living process holds the lock.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = `${folder}.lock`
  await mkdir(dirname(folder), { recursive: true })
  // These calls also restrict a folder that an older version created readable for every user of the machine.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, `${process.pid}\n`, { flag: 'wx' })
      return { release: () => rm(file, { force: true }) }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const holder = Number(await readFile(file, 'utf8').catch(() => '0'))
      if (holder !== process.pid && isAlive(holder)) {
        throw new GatewayError(
          'CONFIGURATION',
          `EMBEDDED_DIR: process ${holder} uses the database in ${folder}: stop it, or set EMBEDDED_DIR to another folder.`,
        )
      }
      await rm(file, { force: true })
    }
  }
  throw new GatewayError('CONFIGURATION', `EMBEDDED_DIR: cannot lock ${folder}: remove ${file} if no other process uses it.`)
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

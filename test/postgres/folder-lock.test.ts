import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '../../src/postgres/folder-lock.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

it.each(['a new folder', 'a folder that everybody could read'])('%s of an embedded database is for its user only', async (kind) => {
  const { path, remove } = await temporaryFolder('lock')
  onTestFinished(remove)
  const folder = join(path, 'data', 'database')
  if (kind !== 'a new folder') {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o777)
  }
  const lock = await lockFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await lock.release()
})

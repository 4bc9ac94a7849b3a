import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '#src/engine/postgres/folder-lock.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

it.each([
  'created',
  'made accessible to everybody',
])('The folder of an embedded database is accessible only to its user after it was %s.', async (kind) => {
  const { path, remove } = await temporaryFolder('lock')
  onTestFinished(remove)
  const folder = join(path, 'data', 'database')
  if (kind !== 'created') {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o777)
  }
  const lock = await lockFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await lock.release()
})

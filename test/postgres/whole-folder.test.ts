import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createWhole } from '#src/engine/postgres/whole-folder.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

async function emptyFolder() {
  const folder = await temporaryFolder('whole')
  onTestFinished(() => folder.remove())
  const path = join(folder.path, 'database')
  await mkdir(path)
  const write = (name: string) => writeFile(join(path, name), '')
  return { path, beside: folder.path, write }
}

describe('The folder of an embedded database', () => {
  it('is emptied and filled again if the process ended while it was being filled.', async () => {
    const { path, beside, write } = await emptyFolder()
    const interrupted = async () => {
      await write('half')
      throw new Error('ended')
    }
    await expect(createWhole(path, interrupted)).rejects.toThrow('ended')
    await expect(createWhole(path, interrupted)).rejects.toThrow('ended')
    await createWhole(path, () => write('whole'))
    expect([await readdir(path), await readdir(beside)]).toEqual([['whole'], ['database']])
  })

  it('keeps its content once it is complete, even if a later start is interrupted.', async () => {
    const { path, write } = await emptyFolder()
    await createWhole(path, () => write('whole'))
    await expect(createWhole(path, () => Promise.reject(new Error('ended')))).rejects.toThrow('ended')
    await createWhole(path, () => write('more'))
    expect((await readdir(path)).sort()).toEqual(['more', 'whole'])
  })

  it('keeps the content that a version without marks has created.', async () => {
    const { path, write } = await emptyFolder()
    await write('old')
    await createWhole(path, async () => undefined)
    expect(await readdir(path)).toEqual(['old'])
  })
})

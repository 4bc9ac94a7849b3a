import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { withDevelopmentSecrets } from '#src/start/development-secrets.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

/** Returns a function that makes one more folder without secrets. */
async function makeFolders() {
  const folder = await temporaryFolder('secrets')
  onTestFinished(() => folder.remove())
  let made = 0
  return async () => {
    const path = join(folder.path, String(made++))
    await mkdir(path)
    const config = readConfig({ EMBEDDED_DIR: join(path, 'database') })
    return { path, file: join(path, 'development-secrets.json'), fill: () => withDevelopmentSecrets(config, { memory: false }) }
  }
}

describe('The secrets of a development gateway', () => {
  it('are the same at the next start, and for processes that start together.', async () => {
    const { path, fill } = await (await makeFolders())()
    const filled = [...(await Promise.all([fill(), fill(), fill()])), await fill()]
    const secrets = filled.map(({ cache, identity, market }) => [cache.secrets, identity.secrets, market.callerHashKey])
    expect(secrets).toEqual(Array(4).fill(secrets[0]))
    expect(secrets[0]?.flat().map((secret) => secret?.length)).toEqual([43, 43, 43])
    expect(await readdir(path)).toEqual(['development-secrets.json'])
  })

  it('are stored in a file that is complete from the moment it exists, so a process that is ended meanwhile leaves no half file.', async () => {
    const makeFolder = await makeFolders()
    let seen = 0
    for (let round = 0; round < 20; round++) {
      const { file, fill } = await makeFolder()
      let isFilled = false
      const filling = fill().finally(() => {
        isFilled = true
      })
      while (!isFilled) {
        if (existsSync(file)) {
          seen++
          expect(readFileSync(file, 'utf8')).toMatch(/^\{"cache":"[\w-]{43}","identity":"[\w-]{43}","callers":"[\w-]{43}"\}\n$/)
        }
        await setImmediate()
      }
      await filling
    }
    expect(seen).toBeGreaterThan(0)
  })

  it('of an older version without a key for callers are kept, and all processes derive the same key.', async () => {
    const { file, fill } = await (await makeFolders())()
    await writeFile(file, '{"cache":"a","identity":"b"}')
    const filled = await Promise.all([fill(), fill()])
    const keys = filled.map(({ market }) => market.callerHashKey)
    expect(filled.map(({ cache, identity }) => [cache.secrets, identity.secrets])).toEqual(Array(2).fill([['a'], ['b']]))
    expect(keys).toEqual([expect.stringMatching(/^[\w-]{43}$/), keys[0]])
  })

  it('are refused with the name of the file and a remedy if the file contains something else.', async () => {
    const makeFolder = await makeFolders()
    for (const text of ['', '{"cache":"a"}', '{"cache":"a","identity":"b","callers":1}', 'null', '{"cache":']) {
      const { file, fill } = await makeFolder()
      await writeFile(file, text)
      await expect(fill()).rejects.toMatchObject({
        code: 'CONFIGURATION',
        message: expect.stringMatching(
          /development-secrets\.json should contain three secrets as JSON, and contains \d+ other characters: delete the file/,
        ),
      })
    }
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RemoteTier } from '../../src/cache/index.ts'
import type { NeedOptions } from '../servers/availability.ts'

export interface OpenedTier {
  readonly remote: RemoteTier
  close(): Promise<void>
}

/** What a shared tier does when nothing goes wrong. */
export function describeRemoteTier(name: string, open: () => Promise<OpenedTier>, options: NeedOptions = {}): void {
  describe(`a shared tier: ${name}`, options, () => {
    let opened: OpenedTier
    let remote: RemoteTier

    beforeAll(async () => {
      opened = await open()
      remote = opened.remote
    }, 60_000)
    afterAll(() => opened?.close())

    const entry = (key: string, bytes: readonly number[], ttlMs = 60_000) => ({ key, bytes: Buffer.from(bytes), ttlMs })
    const read = async (keys: readonly string[]) => (await remote.getMany(keys)).map((bytes) => bytes && [...bytes])

    it('gives back bytes of every value, in the order of the keys, and null where there are none', async () => {
      await remote.setMany([entry('t:a', [0, 255, 10, 13]), entry('t:b', [])])
      expect(await read(['t:b', 't:none', 't:a'])).toEqual([[], null, [0, 255, 10, 13]])
      expect(await read(['t:a'])).toEqual([[0, 255, 10, 13]])
    })

    it('keeps the last of several writes', async () => {
      await remote.setMany([entry('t:c', [1])])
      await remote.setMany([entry('t:c', [2])])
      expect(await read(['t:c'])).toEqual([[2]])
    })

    it('takes and gives a thousand at once, and what many ask for at the same time', async () => {
      const keys = Array.from({ length: 1000 }, (_, i) => `t:many:${i}`)
      await remote.setMany(keys.map((key, i) => entry(key, [i % 256])))
      expect(await read(keys)).toEqual(keys.map((_, i) => [i % 256]))
      const alone = await Promise.all(keys.map((key) => read([key])))
      expect(alone.flat()).toEqual(keys.map((_, i) => [i % 256]))
    })

    it('forgets after the time to live, and what is deleted', async () => {
      await remote.setMany([entry('t:brief', [1], 50), entry('t:gone', [1]), entry('t:kept', [1])])
      await remote.deleteMany(['t:gone'])
      await expect.poll(() => read(['t:brief', 't:gone', 't:kept']), { timeout: 5000 }).toEqual([null, null, [1]])
    })

    it('has nothing to do for nothing', async () => {
      expect(await remote.getMany([])).toEqual([])
      await remote.setMany([])
      await remote.deleteMany([])
    })
  })
}

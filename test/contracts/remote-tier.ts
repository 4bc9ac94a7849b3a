import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RemoteTier } from '#src/engine/cache/index.ts'
import type { NeedOptions } from '../servers/availability.ts'

export interface OpenedTier {
  readonly remote: RemoteTier
  close(): Promise<void>
}

/** Tests how a shared tier behaves without failures. */
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

    it('returns the stored bytes in the order of the keys, and null for each missing key', async () => {
      await remote.setMany([entry('t:a', [0, 255, 10, 13]), entry('t:b', [])])
      expect(await read(['t:b', 't:none', 't:a'])).toEqual([[], null, [0, 255, 10, 13]])
      expect(await read(['t:a'])).toEqual([[0, 255, 10, 13]])
    })

    it('keeps the last value of several writes to the same key', async () => {
      await remote.setMany([entry('t:c', [1])])
      await remote.setMany([entry('t:c', [2])])
      expect(await read(['t:c'])).toEqual([[2]])
    })

    it('stores a thousand values in one method call, returns them in one method call, and answers concurrent reads', async () => {
      const keys = Array.from({ length: 1000 }, (_, i) => `t:many:${i}`)
      await remote.setMany(keys.map((key, i) => entry(key, [i % 256])))
      expect(await read(keys)).toEqual(keys.map((_, i) => [i % 256]))
      const alone = await Promise.all(keys.map((key) => read([key])))
      expect(alone.flat()).toEqual(keys.map((_, i) => [i % 256]))
    })

    it('removes a value after its time to live, and when the value is deleted', async () => {
      await remote.setMany([entry('t:brief', [1], 50), entry('t:gone', [1]), entry('t:kept', [1])])
      await remote.deleteMany(['t:gone'])
      await expect.poll(() => read(['t:brief', 't:gone', 't:kept']), { timeout: 5000 }).toEqual([null, null, [1]])
    })

    it('adds an entry only if its key is not stored, and says so, also when several callers add it at the same time', async () => {
      await remote.setMany([entry('t:present', [1])])
      expect(await remote.addMany([entry('t:present', [2]), entry('t:added', [3])])).toEqual([false, true])
      expect(await read(['t:present', 't:added'])).toEqual([[1], [3]])
      const callers = await Promise.all(Array.from({ length: 20 }, (_, i) => remote.addMany([entry('t:contested', [i])])))
      expect(callers.flat().filter(Boolean)).toHaveLength(1)
    })

    it('adds an entry again after its time to live, and after it was deleted', async () => {
      const entries = [entry('t:short', [1], 50), entry('t:ended', [1])]
      expect(await remote.addMany(entries)).toEqual([true, true])
      await remote.deleteMany(['t:ended'])
      await expect.poll(() => read(['t:short', 't:ended']), { timeout: 5000 }).toEqual([null, null])
      expect(await remote.addMany(entries)).toEqual([true, true])
    })

    it('accepts empty lists of keys and entries', async () => {
      expect(await remote.addMany([])).toEqual([])
      expect(await remote.getMany([])).toEqual([])
      await remote.setMany([])
      await remote.deleteMany([])
    })
  })
}

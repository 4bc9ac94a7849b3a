import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createClaim } from '#src/engine/redis/claims.ts'
import { openRedis } from '#src/engine/redis/open-redis.ts'
import { needs } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'

const ignore = () => undefined

describe('A claim of work', needs('redis-server'), () => {
  it('succeeds for only one of several processes until the claim expires, and for every process while Redis is unavailable', async () => {
    const server = await startRedis()
    const open = () => openRedis({ url: server.url, commandTimeoutMs: 1000, prefix: 'claims', onDown: ignore, onUp: ignore })
    const handles = [open(), open(), open()]
    try {
      const claims = handles.map(({ client }) => createClaim(client, 'claims'))
      while (!handles.every((handle) => handle.isReady())) await pause(5)
      const claimAll = (work: string, ttlMs: number) => Promise.all(claims.map((claim) => claim(work, ttlMs)))
      expect((await claimAll('run 1', 100)).filter(Boolean)).toHaveLength(1)
      expect((await claimAll('run 2', 60_000)).filter(Boolean)).toHaveLength(1)
      expect((await claimAll('run 2', 60_000)).filter(Boolean)).toHaveLength(0)
      while (!(await claims[0]?.('run 1', 60_000))) await pause(10)
      await server.stop()
      expect(await claimAll('run 2', 60_000)).toEqual([true, true, true])
    } finally {
      await Promise.all(handles.map((handle) => handle.close()))
      await server.stop()
    }
  })
})

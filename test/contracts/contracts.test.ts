import { vi } from 'vitest'
import { MemoryLog, type RemoteTier } from '#src/engine/cache/index.ts'
import { openRedis } from '#src/engine/redis/open-redis.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { MapTier } from '../cache/instance.ts'
import { createEmbeddedScratchDatabase } from '../modules/scratch-database.ts'
import { needs } from '../servers/availability.ts'
import { createDatabase } from '../servers/database.ts'
import { startRedis } from '../servers/redis.ts'
import { Dice } from '../simulation/scheduler.ts'
import { ChaosTier } from './chaos-tier.ts'
import { describeEngine, type Ground } from './engine.ts'
import { describeInvalidationLog, type OpenedLog } from './invalidation-log.ts'
import { describeRemoteTier } from './remote-tier.ts'

const PATIENT = { poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined }

describeInvalidationLog('in memory', async () => ({ log: new MemoryLog(), close: async () => undefined }))
describeInvalidationLog(
  'in PostgreSQL',
  async () => {
    const { logs, close } = await openPostgresLogs()
    return { log: logs[0], close }
  },
  { ownClock: true },
)
describeInvalidationLog('in the embedded PostgreSQL', openEmbeddedLog, { ownClock: true })

describeRemoteTier('a map', async () => ({ remote: new ExpiringMapTier(), close: async () => undefined }))
describeRemoteTier(
  'Redis',
  async () => {
    const { remotes, close } = await openRedisTiers()
    return { remote: remotes[0], close }
  },
  needs('redis-server'),
)

describeEngine('a log in memory, alone', async () => inMemory(undefined))
describeEngine('a log in memory and a shared map', async () => {
  const shared = new MapTier()
  return inMemory([shared, shared])
})
describeEngine('a log in memory and a shared map with chaos between', async () => {
  const shared = new MapTier()
  const dice = new Dice(42)
  return inMemory([new ChaosTier(shared, dice), new ChaosTier(shared, dice)])
})
describeEngine('PostgreSQL and Redis', async () => onServers((tier) => tier), needs('redis-server'))
describeEngine(
  'PostgreSQL and Redis with chaos between',
  async () => {
    const dice = new Dice(43)
    return onServers((tier) => new ChaosTier(tier, dice))
  },
  needs('redis-server'),
)

/** MapTier of the cache tests never expires an entry, so this subclass adds a time to live. */
class ExpiringMapTier extends MapTier {
  override async setMany(entries: Parameters<MapTier['setMany']>[0]): Promise<void> {
    await super.setMany(entries)
    for (const { key, ttlMs } of entries) setTimeout(() => this.entries.delete(key), ttlMs).unref()
  }

  override async addMany(entries: Parameters<MapTier['addMany']>[0]): Promise<readonly boolean[]> {
    const added = await super.addMany(entries)
    for (const [index, { key, ttlMs }] of entries.entries()) if (added[index]) setTimeout(() => this.entries.delete(key), ttlMs).unref()
    return added
  }
}

function inMemory(remotes: Ground['remotes']): Ground {
  const log = new MemoryLog()
  return { logs: [log, log], remotes, close: async () => undefined }
}

async function onServers(between: (tier: RemoteTier) => RemoteTier): Promise<Ground> {
  const database = await openPostgresLogs()
  const redis = await openRedisTiers()
  const [a, b] = redis.remotes
  return {
    logs: database.logs,
    remotes: [between(a), between(b)],
    close: async () => {
      await redis.close()
      await database.close()
    },
  }
}

async function openPostgresLogs() {
  const test = await createDatabase()
  const database = await openMarketDatabase({ url: test.url, ...PATIENT })
  const logs = [database.openLog(), database.openLog()] as const
  return {
    logs,
    close: async () => {
      for (const log of logs) await log.close()
      await database.close()
      await test.drop()
    },
  }
}

async function openEmbeddedLog(): Promise<OpenedLog> {
  const database = await createEmbeddedScratchDatabase(PATIENT)
  return { log: database.handle.openLog(), close: () => database.drop() }
}

/** Opens two clients of one Redis server. */
async function openRedisTiers() {
  const server = await startRedis()
  const open = async () => {
    const redis = openRedis({ url: server.url, commandTimeoutMs: 2000, prefix: 'test', onDown: () => undefined, onUp: () => undefined })
    await vi.waitUntil(() => redis.isReady(), { timeout: 10_000 })
    return redis
  }
  const handles = [await open(), await open()] as const
  return {
    remotes: [handles[0].remote, handles[1].remote] as const,
    close: async () => {
      for (const handle of handles) await handle.close()
      await server.stop()
    },
  }
}

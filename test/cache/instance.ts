import {
  Cache,
  type CacheEvent,
  type CacheOptions,
  type CachePolicy,
  type CacheRequest,
  cacheKey,
  declareEntity,
  type InvalidationLog,
  MemoryLog,
  type RemoteEntry,
  type RemoteTier,
  rowTag,
} from '#src/engine/cache/index.ts'
import { ManualEnv } from './manual-env.ts'

export const Thing = declareEntity({
  type: 'Thing',
  table: 'things',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: [],
  listed: [],
})

export const policy: CachePolicy = { name: 'Thing', l1Ms: 60_000, l2Ms: 900_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

export function thing(id: number, tenant = 'acme'): CacheRequest {
  return { key: cacheKey(tenant, 'Thing', [id]), tags: [rowTag(Thing, tenant, id)] }
}

/** A shared tier in a Map. Tests control its entries and whether its calls fail. */
export class MapTier implements RemoteTier {
  readonly entries = new Map<string, Uint8Array>()
  failing = false

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    if (this.failing) throw new Error('The shared tier is down.')
    return keys.map((key) => this.entries.get(key) ?? null)
  }

  async setMany(entries: readonly RemoteEntry[]): Promise<void> {
    if (this.failing) throw new Error('The shared tier is down.')
    for (const { key, bytes } of entries) this.entries.set(key, bytes)
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.entries.delete(key)
  }

  async addMany(entries: readonly RemoteEntry[]): Promise<readonly boolean[]> {
    if (this.failing) throw new Error('The shared tier is down.')
    return entries.map(({ key, bytes }) => !this.entries.has(key) && this.entries.set(key, bytes).has(key))
  }

  async close(): Promise<void> {}
}

/** An invalidation log that a test can make unreachable. */
export class CuttableLog extends MemoryLog {
  cut = false
  syncs = 0

  override async sync(from: number | null, limit: number) {
    this.syncs++
    if (this.cut) throw new Error('The database cannot be reached.')
    return super.sync(from, limit)
  }
}

/**
 * A data source whose loads a test can pause: a load reads the value when it starts, and returns the value when the
 * test releases it.
 */
export class Source {
  readonly values = new Map<number, unknown>()
  readonly loads: number[][] = []
  failing = false
  #held: (() => void)[] | undefined

  hold(): void {
    this.#held = []
  }

  release(): void {
    for (const go of this.#held ?? []) go()
    this.#held = undefined
  }

  loader(ids: readonly number[]) {
    return async (indexes: readonly number[]) => {
      const asked = indexes.map((index) => ids[index] as number)
      this.loads.push(asked)
      if (this.failing) throw new Error('The source is down.')
      const read = asked.map((id) => ({ value: this.values.get(id) ?? null }))
      const held = this.#held
      if (held) await new Promise<void>((resolve) => held.push(resolve))
      return read
    }
  }
}

export interface Instance {
  readonly cache: Cache
  readonly events: CacheEvent[]
  readonly layers: string[]
  read(ids: readonly number[], token?: string, terms?: Partial<CachePolicy>): Promise<readonly unknown[]>
}

export async function startInstance(
  source: Source,
  log: InvalidationLog,
  env = new ManualEnv(),
  options: Partial<CacheOptions> = {},
): Promise<Instance> {
  const events: CacheEvent[] = []
  const cache = new Cache({ log, env, entities: [Thing], secrets: ['secret'], onEvent: (event) => events.push(event), ...options })
  await cache.start()
  const layers: string[] = []
  return {
    cache,
    events,
    layers,
    read: (ids, token, terms) =>
      cache.getMany(
        ids.map((id) => thing(id)),
        { ...policy, ...terms },
        source.loader(ids),
        {
          session: cache.openSession(token),
          observe: (_, outcome) => layers.push(outcome.layer),
        },
      ),
  }
}

/**
 * Writes as the gateway does: changes the source, appends the tag to the log, and acknowledges the write on the
 * instance.
 */
export async function write(instance: Instance, log: InvalidationLog, source: Source, id: number, value: unknown): Promise<string> {
  source.values.set(id, value)
  await log.append([rowTag(Thing, 'acme', id)], 'mutation write')
  return instance.cache.acknowledge(instance.cache.openSession())
}

import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import {
  Cache,
  type CachePolicy,
  cacheKey,
  dimensionTag,
  type InvalidationLog,
  type Layer,
  type Loaded,
  listTag,
  rowTag,
  systemEnv,
} from '#src/engine/cache/index.ts'
import { CommitOutcomeUnknown, inTransaction } from '#src/engine/postgres/transaction.ts'
import { openRedis, type RedisHandle } from '#src/engine/redis/open-redis.ts'
import { type MarketDatabase, openMarketDatabase } from '#src/market/tables/database.ts'
import { EventTally } from './event-tally.ts'
import type {
  InstanceSettings,
  InstanceStats,
  ListCall,
  ReadCall,
  ReadResult,
  ServedList,
  WriteCall,
  WriteFailure,
  WriteResult,
} from './protocol.ts'
import { Thing } from './things.ts'

interface Row {
  readonly id: number
  readonly version: number
  readonly payload: string
}

const SECRET = 'the secret that all instances of the fault suite share'

/** One instance as in production but without GraphQL: the real cache with a real database and a real Redis. */
export class ServedThings {
  readonly tally = new EventTally()
  readonly #settings: InstanceSettings
  readonly #database: MarketDatabase
  readonly #log: InvalidationLog
  readonly #redis: RedisHandle | undefined
  readonly #cache: Cache
  #wallClockShiftMs = 0
  #gate: PromiseWithResolvers<void> | undefined
  #heldLoads = 0

  private constructor(settings: InstanceSettings, database: MarketDatabase) {
    this.#settings = settings
    this.#database = database
    this.#log = database.openLog()
    const prefix = settings.keyPrefix ?? 'faults'
    this.#redis = settings.redisUrl
      ? openRedis({
          url: settings.redisUrl,
          commandTimeoutMs: settings.commandTimeoutMs ?? 250,
          prefix,
          onDown: () => undefined,
          onUp: () => undefined,
        })
      : undefined
    this.#cache = new Cache({
      log: this.#log,
      entities: [Thing],
      secrets: [SECRET],
      keyPrefix: prefix,
      ...(this.#redis ? { remote: this.#redis.remote, wakeUp: this.#redis.wakeUp } : {}),
      memoryBytes: settings.memoryBytes ?? 64 * 2 ** 20,
      tickMs: settings.tickMs ?? 75,
      stalenessBoundMs: settings.stalenessBoundMs ?? 1000,
      concurrentLoads: settings.concurrentLoads ?? 32,
      logRows: settings.logRows ?? 100_000,
      shadowRate: settings.shadowRate ?? 0,
      env: { ...systemEnv, now: () => systemEnv.now() + this.#wallClockShiftMs },
      onEvent: (event) => this.tally.listen(event),
      onEpoch: () => database.renewConnections(),
    })
  }

  static async start(settings: InstanceSettings): Promise<ServedThings> {
    const database = await openMarketDatabase({
      url: settings.databaseUrl,
      poolSize: settings.poolSize ?? 10,
      statementTimeoutMs: settings.statementTimeoutMs ?? 2000,
      onError: () => undefined,
    })
    const things = new ServedThings(settings, database)
    await things.#cache.start()
    return things
  }

  async read({ tenant, ids, token, tolerant = false }: ReadCall): Promise<readonly ReadResult[]> {
    const outcomes: { layer: Layer; ageMs: number }[] = []
    const namespace = tolerant ? 'TolerantThing' : 'Thing'
    const requests = ids.map((id) => ({ key: cacheKey(tenant, namespace, [id]), tags: [rowTag(Thing, tenant, id)] }))
    const load = async (indexes: readonly number[]) => {
      const wanted = indexes.map((index) => ids[index] as number)
      const rows = await this.#load(
        requests.filter((_, index) => indexes.includes(index)).map(({ key }) => key.text),
        () => this.#rows(tenant, wanted),
      )
      return wanted.map((id): Loaded<Row | null> => ({ value: rows.get(id) ?? null }))
    }
    const values = await this.#cache.getMany<Row | null>(requests, this.#policy(tolerant), load, {
      ...this.#deadline(),
      session: this.#cache.openSession(token),
      observe: (index, { layer, ageMs }) => {
        outcomes[index] = { layer, ageMs }
      },
    })
    return values.map((value, index) => {
      if (value instanceof Error) return { error: describe(value) }
      const { layer = 'origin', ageMs = 0 } = outcomes[index] ?? {}
      return { version: value?.version ?? null, payload: value?.payload ?? null, layer, ageMs }
    })
  }

  async list({ tenant, shelf, token }: ListCall): Promise<ServedList> {
    let layer: Layer = 'origin'
    const tag = shelf === 'all' ? listTag(Thing, tenant) : dimensionTag(Thing, tenant, 'shelf', shelf)
    const key = cacheKey(tenant, 'ThingList', [shelf])
    const load = async (): Promise<Loaded<readonly number[]>> => {
      const condition = shelf === 'all' ? sql`true` : sql`shelf = ${shelf}::int8`
      const { rows } = await this.#load([key.text], () =>
        sql<{ id: number }>`select id from things where tenant_id = ${tenant} and ${condition} order by id`.execute(this.#database.db),
      )
      return { value: rows.map(({ id }) => id), tags: rows.map(({ id }) => rowTag(Thing, tenant, id)) }
    }
    const ids = await this.#cache.get({ key, tags: [tag] }, this.#policy(false), load, {
      ...this.#deadline(),
      session: this.#cache.openSession(token),
      observe: (_, outcome) => {
        layer = outcome.layer
      },
    })
    return { ids, layer }
  }

  /** Writes like a mutation: commits one transaction, then acknowledges the write. */
  async write({ tenant, id, unacknowledged = false, fillerBytes = 0 }: WriteCall): Promise<WriteResult | WriteFailure> {
    const session = this.#cache.openSession()
    const mark = `${randomBytes(6).toString('hex')}/${'x'.repeat(fillerBytes)}`
    try {
      const row = await inTransaction(
        this.#database.db,
        async (transaction) => {
          const { rows } = await sql<Row>`
            insert into things as present (tenant_id, id, version, payload)
            values (${tenant}, ${id}::int8, 1, concat_ws('/', ${tenant}::text, ${id}::text, '1', ${mark}::text))
            on conflict (tenant_id, id) do update set
              version = present.version + 1,
              payload = concat_ws('/', present.tenant_id, present.id, present.version + 1, ${mark}::text)
            returning id, version, payload`.execute(transaction)
          return rows[0] as Row
        },
        { attempts: 3 },
      )
      const token = unacknowledged ? '' : await this.#cache.acknowledge(session)
      return { version: row.version, payload: row.payload, token }
    } catch (error) {
      const isUnknown = error instanceof CommitOutcomeUnknown
      return { error: describe(error), token: isUnknown ? this.#cache.demandBarrier(session) : undefined }
    }
  }

  invalidate(tags: readonly string[]): Promise<void> {
    return this.#cache.invalidate(tags)
  }

  /** Trims the invalidation log, like the maintenance task that runs every minute. */
  trim(): Promise<void> {
    return this.#log.trim(this.#settings.logRows ?? 100_000)
  }

  /** Holds loads: they read their rows, but return them only after `releaseLoads`. */
  holdLoads(): void {
    this.#gate ??= Promise.withResolvers()
  }

  releaseLoads(): void {
    this.#gate?.resolve()
    this.#gate = undefined
  }

  shiftWallClock(byMs: number): void {
    this.#wallClockShiftMs = byMs
  }

  stats(): InstanceStats {
    const { events, loadsByKey, maxLoadsOfKey, maxLoads } = this.tally
    const memory = process.memoryUsage()
    return {
      cache: this.#cache.stats(),
      events: Object.fromEntries(events),
      loadsByKey: Object.fromEntries(loadsByKey),
      maxLoadsOfKey,
      maxLoads,
      heldLoads: this.#heldLoads,
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
    }
  }

  async close(): Promise<void> {
    this.releaseLoads()
    await this.#cache.close()
    await this.#redis?.close()
    await this.#log.close()
    await this.#database.close()
  }

  #deadline(): { readonly deadlineMs?: number } {
    const { readDeadlineMs } = this.#settings
    return readDeadlineMs === undefined ? {} : { deadlineMs: readDeadlineMs }
  }

  #policy(tolerant: boolean): CachePolicy {
    const { l1Ms = 600_000, l2Ms = 900_000, staleIfErrorMs = 600_000 } = this.#settings
    return { name: 'Thing', l1Ms, l2Ms, staleWhileRevalidateMs: 0, staleIfErrorMs: tolerant ? staleIfErrorMs : 0 }
  }

  #load<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    return this.tally.load(keys, async () => {
      const read = await work()
      this.#heldLoads++
      await this.#gate?.promise
      this.#heldLoads--
      return read
    })
  }

  async #rows(tenant: string, ids: readonly number[]): Promise<ReadonlyMap<number, Row>> {
    const { rows } = await sql<Row>`
      select id, version, payload from things where tenant_id = ${tenant} and id = any(${[...ids]}::int8[])`.execute(this.#database.db)
    return new Map(rows.map(({ id, version, payload }) => [id, { id, version, payload }]))
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

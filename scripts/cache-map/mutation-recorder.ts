import { readConfig } from '#src/config/config.ts'
import { Cache, systemEnv } from '#src/engine/cache/index.ts'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { openSnapshot } from '#src/engine/postgres/snapshot.ts'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { entitiesOf } from '#src/gateway/contract/module.ts'
import { createGraphQL, type GatewayGraphQL } from '#src/gateway/graphql/endpoint/create-graphql.ts'
import type { MutationTrace } from '#src/gateway/graphql/schema/map/cache-map.ts'
import { WritePath } from '#src/gateway/writes/write-path.ts'
import { createEventRecorder } from '#src/market/modules/analytics/event-recorder.ts'
import { createModules } from '#src/market/modules/index.ts'
import { WorkQueue } from '#src/market/rules/naming/work-queue.ts'
import type { MarketDatabase } from '#src/market/tables/database.ts'

type Payload = Readonly<Record<string, unknown>> & { readonly errors: readonly { readonly message: string }[] }

const ROW_OR_LIST = /^[^:]+:([A-Z][A-Za-z0-9]*)(:|\[\])/

/**
 * Runs mutations on a gateway with an empty database. Records the invalidation tags that the database's triggers emit while a mutation
 * runs.
 */
export class MutationRecorder {
  readonly gateway: GatewayGraphQL['gateway']
  readonly db: MarketDatabase['db']
  readonly #endpoint: GatewayGraphQL
  readonly #cache: Cache
  readonly #emitted: Set<string>
  readonly #close: () => Promise<void>
  readonly #traces = new Map<string, Record<'rows' | 'changedRows' | 'lists', Set<string>>>()
  /** Invalidation tags that the triggers have emitted so far. Only tags of single rows are included, and no tags of lists. */
  readonly #known = new Set<string>()

  private constructor(handle: MarketDatabase, endpoint: GatewayGraphQL, cache: Cache, emitted: Set<string>, close: () => Promise<void>) {
    this.db = handle.db
    this.gateway = endpoint.gateway
    this.#endpoint = endpoint
    this.#cache = cache
    this.#emitted = emitted
    this.#close = close
  }

  /** Starts the gateway. @param handle A migrated database with installed triggers and without rows. The caller closes the database. */
  static async start(handle: MarketDatabase): Promise<MutationRecorder> {
    const modules = createModules({
      generationQueue: new WorkQueue(),
      recordEvents: (tenant, recorded) => events.record(tenant, recorded),
      callerHashKey: 'for a database that is thrown away',
    })
    const entities = entitiesOf(modules)
    const { db } = handle
    const emitted = new Set<string>()
    const log = handle.openLog()
    const onEvent: NonNullable<ConstructorParameters<typeof Cache>[0]['onEvent']> = (event) => {
      if (event.type === 'invalidated') for (const tag of event.tags) emitted.add(tag)
    }
    const cache = new Cache({ log, entities, secrets: ['for a database that is thrown away'], onEvent })
    const events = createEventRecorder({ db, ...systemEnv, flushMaxEvents: 10, flushDelayMs: 0, maxPendingBytes: 2 ** 20 })
    await cache.start()
    const endpoint = await createGraphQL({
      schemaFolder: new URL('../../schema', import.meta.url).pathname,
      modules,
      cache,
      sources: {
        db,
        writes: new WritePath({ cache, inTransaction: (work) => inTransaction(db, work, { attempts: 1 }), isUnavailable }),
        isUnavailable,
        openSnapshot: () => openSnapshot(db),
      },
      localId,
      policyOverrides: {},
      introspection: true,
      limits: readConfig({}).limits,
    })
    return new MutationRecorder(handle, endpoint, cache, emitted, async () => {
      await endpoint.stop()
      await events.drain()
      await cache.close()
      await log.close()
    })
  }

  get traces(): readonly MutationTrace[] {
    return [...this.#traces].map(([name, trace]) => ({ name, ...trace }))
  }

  /**
   * Runs a mutation. The invalidation log shows the types whose rows the mutation changed. These types are added to the trace of the
   * mutation.
   * @param input Undefined for a mutation without arguments.
   * @param fields Selection set of the payload.
   * @throws when the mutation returns an error, because the trace of a failed mutation would be incomplete.
   */
  async run(name: string, input: object | undefined, fields = ''): Promise<Payload> {
    await this.#take()
    const type = this.gateway.schema
      .getMutationType()
      ?.getFields()
      [name]?.args.find((argument) => argument.name === 'input')?.type
    const selection = `{ ${fields} errors { message } }`
    const query = input ? `mutation ($input: ${type}) { ${name}(input: $input) ${selection} }` : `mutation { ${name} ${selection} }`
    const response = await this.#endpoint.execute({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      search: '',
      body: Buffer.from(JSON.stringify({ query, variables: { input } })),
      viewer: { tenant: 'map', userId: '1', role: 'ADMIN' },
      requestId: name,
      debug: false,
    })
    const answer = JSON.parse(Buffer.from(response.body as Uint8Array).toString()) as { data?: Record<string, Payload>; errors?: unknown }
    const payload = answer.data?.[name]
    if (!payload || answer.errors || payload.errors.length > 0)
      throw new Error(`The mutation ${name} was refused: ${JSON.stringify(answer)}`)
    const trace = this.#traces.get(name) ?? { rows: new Set(), changedRows: new Set(), lists: new Set() }
    this.#traces.set(name, trace)
    const known = new Set(this.#known)
    for (const tag of await this.#take()) {
      const [, changed, kind] = ROW_OR_LIST.exec(tag) ?? []
      if (changed === undefined) continue
      trace[kind === ':' ? 'rows' : 'lists'].add(changed)
      if (known.has(tag)) trace.changedRows.add(changed)
    }
    return payload
  }

  close(): Promise<void> {
    return this.#close()
  }

  /**
   * Returns the tags that were emitted since the last call of this method. Tags of writes that were committed before the call are included.
   */
  async #take(): Promise<ReadonlySet<string>> {
    await this.#cache.acknowledge(this.#cache.openSession())
    const tags = new Set(this.#emitted)
    this.#emitted.clear()
    for (const tag of tags) if (!tag.includes('[]')) this.#known.add(tag)
    return tags
  }
}

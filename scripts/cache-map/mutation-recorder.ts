import { Cache, systemEnv } from '../../src/cache/index.ts'
import { readConfig } from '../../src/config/config.ts'
import { createGraphQL, type GatewayGraphQL } from '../../src/graphql/create-graphql.ts'
import type { MutationTrace } from '../../src/graphql/map/cache-map.ts'
import { createEventRecorder } from '../../src/modules/analytics/event-recorder.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import { isUnavailable } from '../../src/postgres/failure.ts'
import type { DatabaseHandle } from '../../src/postgres/open-database.ts'
import { openSnapshot } from '../../src/postgres/snapshot.ts'
import { inTransaction } from '../../src/postgres/transaction.ts'

type Payload = Readonly<Record<string, unknown>> & { readonly errors: readonly { readonly message: string }[] }

const ROW_OR_LIST = /^[^:]+:([A-Z][A-Za-z0-9]*)(:|\[\])/

/** The gateway over an empty database, which notes what its triggers say while a mutation runs. */
export class MutationRecorder {
  readonly gateway: GatewayGraphQL['gateway']
  readonly db: DatabaseHandle['db']
  readonly #endpoint: GatewayGraphQL
  readonly #cache: Cache
  readonly #emitted: Set<string>
  readonly #close: () => Promise<void>
  readonly #traces = new Map<string, Record<'rows' | 'changedRows' | 'lists', Set<string>>>()
  /** The tags of all rows so far. */
  readonly #known = new Set<string>()

  private constructor(handle: DatabaseHandle, endpoint: GatewayGraphQL, cache: Cache, emitted: Set<string>, close: () => Promise<void>) {
    this.db = handle.db
    this.gateway = endpoint.gateway
    this.#endpoint = endpoint
    this.#cache = cache
    this.#emitted = emitted
    this.#close = close
  }

  /** @param handle Migrated, under watch and without rows. It stays the caller's to close. */
  static async start(handle: DatabaseHandle): Promise<MutationRecorder> {
    const modules = createModules()
    const entities = modules.flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])])
    const { db } = handle
    const emitted = new Set<string>()
    const log = handle.openLog()
    const onEvent: NonNullable<ConstructorParameters<typeof Cache>[0]['onEvent']> = (event) => {
      if (event.type === 'invalidated') for (const tag of event.tags) emitted.add(tag)
    }
    const cache = new Cache({ log, entities, secrets: ['for a database that is thrown away'], onEvent })
    const events = createEventRecorder({ db, setTimer: systemEnv.setTimer, flushMaxEvents: 10, flushDelayMs: 0 })
    await cache.start()
    const endpoint = await createGraphQL({
      schemaFolder: new URL('../../schema', import.meta.url).pathname,
      modules,
      cache,
      sources: {
        db,
        inTransaction: (work) => inTransaction(db, work, { attempts: 1 }),
        isUnavailable,
        openSnapshot: () => openSnapshot(db),
        recordEvents: (tenant, recorded) => events.record(tenant, recorded),
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
   * Runs a mutation and adds what it changed to its trace. The types are those of the log.
   * @param input Undefined for a mutation without arguments.
   * @param fields What is selected of the payload.
   * @throws when the mutation has an error: it would not have written what it is run for.
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
    if (!payload || answer.errors || payload.errors.length > 0) throw new Error(`${name} was refused: ${JSON.stringify(answer)}`)
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

  /** The tags since the last call, up to the writes that are committed now. */
  async #take(): Promise<ReadonlySet<string>> {
    await this.#cache.acknowledge(this.#cache.openSession())
    const tags = new Set(this.#emitted)
    this.#emitted.clear()
    for (const tag of tags) if (!tag.includes('[]')) this.#known.add(tag)
    return tags
  }
}

import type { DocumentNode } from 'graphql'
import type { Kysely } from 'kysely'
import { readConfig } from '#src/config/config.ts'
import { type Env, systemEnv } from '#src/engine/cache/model/env.ts'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { observeReads } from '#src/engine/postgres/observe-reads.ts'
import { openSnapshot } from '#src/engine/postgres/snapshot.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import type { Module } from '#src/gateway/contract/module.ts'
import { entitiesOf } from '#src/gateway/contract/module.ts'
import { createGraphQL } from '#src/gateway/graphql/endpoint/create-graphql.ts'
import type { OperationUsage } from '#src/gateway/graphql/endpoint/operation-usage.ts'
import type { ReadObserver } from '#src/gateway/graphql/execution/checked-reads.ts'
import type { ReadSampler } from '#src/gateway/graphql/execution/sampled-reads.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { WritePath } from '#src/gateway/writes/write-path.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { lists } from '../corpus/lists.ts'
import { type CorpusOperation, corpus, holdOpenBids, type Ids, idsOf } from '../corpus/operations.ts'
import { createDatabase } from '../servers/database.ts'
import { RecordingCache } from './recording-cache.ts'

export interface CorpusGatewayOptions {
  /** Whether a load fails if it reads a table that it did not declare. */
  readonly checksReads: boolean
  /** Called with the tables that each load has read. As in production, an undeclared table then does not make the load fail. */
  readonly onObserved?: ReadSampler['onObserved']
  readonly modules?: readonly Module[]
  readonly usage?: OperationUsage
  readonly adaptTypeDefs?: (typeDefs: DocumentNode) => DocumentNode
}

export type CorpusGateway = Awaited<ReturnType<typeof startCorpusGateway>>

export const TENANT = 'acme'

/**
 * Starts the whole gateway on sample data with a clock that stands still, and records every read.
 * @throws GatewayError CONFIGURATION if the schema and the modules do not match.
 */
export async function startCorpusGateway(options: CorpusGatewayOptions) {
  const modules = options.modules ?? createIdleModules()
  const entities = entitiesOf(modules)
  const database = await createDatabase({ seed: true })
  const handle = await openMarketDatabase({ url: database.url, poolSize: 6, statementTimeoutMs: 10_000, onError: () => undefined })
  const log = handle.openLog()
  const invalidated = new Set<string>()
  const loaded: string[] = []
  const now = Date.now()
  const env: Env = { ...systemEnv, now: () => now }
  const close = async () => {
    await log.close()
    await handle.close()
    await database.drop()
  }
  try {
    await holdOpenBids(database)
    await installWatches(handle, entities)
    const ids = await idsOf(database, TENANT, now)
    const cache = new RecordingCache(
      {
        log,
        entities,
        secrets: ['a secret for tests only'],
        onEvent: (event) => {
          if (event.type === 'load') loaded.push(event.policy)
          if (event.type === 'invalidated') for (const tag of event.tags) invalidated.add(tag)
        },
      },
      now,
    )
    const db = handle.db as Kysely<Database>
    const observe: ReadObserver = (work) => observeReads(db, work)
    const unused = () => Promise.reject(new Error('Nothing is written.'))
    const endpoint = await createGraphQL({
      schemaFolder: new URL('../../schema', import.meta.url).pathname,
      ...(options.adaptTypeDefs && { adaptTypeDefs: options.adaptTypeDefs }),
      modules,
      ...(options.usage && { usage: options.usage }),
      cache,
      sources: {
        db,
        writes: new WritePath({ cache, inTransaction: unused, isUnavailable }),
        isUnavailable,
        ...(options.checksReads && { observeReads: observe }),
        ...(options.onObserved && { sampleReads: { observe, isChosen: () => true, onObserved: options.onObserved } }),
        openSnapshot: () => openSnapshot(db),
      },
      localId,
      policyOverrides: {},
      introspection: true,
      limits: readConfig({}).limits,
      env,
    })
    await cache.start()
    const operations = [...corpus(endpoint.gateway.schema, ids), ...lists(ids)]
    return {
      database,
      gateway: endpoint.gateway,
      execution: endpoint.execution,
      /** Policies of all loads so far, in order. */
      loaded,
      entities,
      cache,
      ids,
      operations,
      /**
       * Returns the tags that were invalidated since the last call of this function, including the tags of all writes
       * that are already committed.
       */
      async takeInvalidated(): Promise<ReadonlySet<string>> {
        await cache.acknowledge(cache.openSession())
        const tags = new Set(invalidated)
        invalidated.clear()
        return tags
      },
      async ask({ document, operationName, variables }: CorpusOperation, role: Role | null): Promise<string> {
        const response = await endpoint.execute({
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          search: '',
          body: Buffer.from(JSON.stringify({ query: document, variables, operationName })),
          viewer: role && { tenant: TENANT, userId: userId(ids), role },
          requestId: 'test',
          debug: false,
        })
        return Buffer.from(response.body as Uint8Array).toString()
      },
      async close() {
        await endpoint.stop()
        await cache.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

function userId({ user }: Ids): string {
  return localId(user) ?? ''
}

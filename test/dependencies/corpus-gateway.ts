import type { DocumentNode } from 'graphql'
import type { Kysely } from 'kysely'
import { type Env, systemEnv } from '../../src/cache/env.ts'
import { readConfig } from '../../src/config/config.ts'
import type { ReadObserver } from '../../src/graphql/checked-reads.ts'
import { createGraphQL } from '../../src/graphql/create-graphql.ts'
import type { ReadSampler } from '../../src/graphql/sampled-reads.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import type { Module, Role } from '../../src/modules/module.ts'
import { isUnavailable } from '../../src/postgres/failure.ts'
import { observeReads } from '../../src/postgres/observe-reads.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { openSnapshot } from '../../src/postgres/snapshot.ts'
import type { Database } from '../../src/postgres/tables.ts'
import { installWatches } from '../../src/postgres/watch.ts'
import { lists } from '../corpus/lists.ts'
import { type CorpusOperation, corpus, holdOpenBids, type Ids, idsOf } from '../corpus/operations.ts'
import { createDatabase } from '../servers/database.ts'
import { RecordingCache } from './recording-cache.ts'

export interface CorpusGatewayOptions {
  /** Whether loads that read what they did not declare fail. */
  readonly checksReads: boolean
  /** Told of what each load read, as in production: nothing fails. */
  readonly onObserved?: ReadSampler['onObserved']
  readonly modules?: readonly Module[]
  readonly adaptTypeDefs?: (typeDefs: DocumentNode) => DocumentNode
}

export type CorpusGateway = Awaited<ReturnType<typeof startCorpusGateway>>

export const TENANT = 'acme'

/**
 * The whole gateway over sample data, at a moment that does not pass, with every read recorded.
 * @throws GatewayError CONFIGURATION where the schema and the modules do not fit together.
 */
export async function startCorpusGateway(options: CorpusGatewayOptions) {
  const modules = options.modules ?? createModules()
  const entities = modules.flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])])
  const database = await createDatabase({ seed: true })
  const handle = await openDatabase({ url: database.url, poolSize: 6, statementTimeoutMs: 10_000, onError: () => undefined })
  const log = handle.openLog()
  const invalidated = new Set<string>()
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
      cache,
      sources: {
        db,
        inTransaction: unused,
        isUnavailable,
        ...(options.checksReads && { observeReads: observe }),
        ...(options.onObserved && { sampleReads: { observe, isChosen: () => true, onObserved: options.onObserved } }),
        openSnapshot: () => openSnapshot(db),
        recordEvents: unused,
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
      entities,
      cache,
      ids,
      operations,
      /** The tags that were invalidated since the last call, up to the writes that are committed now. */
      async takeInvalidated(): Promise<ReadonlySet<string>> {
        await cache.acknowledge(cache.openSession())
        const tags = new Set(invalidated)
        invalidated.clear()
        return tags
      },
      async ask({ document, operationName, variables }: CorpusOperation, role: Role): Promise<string> {
        const response = await endpoint.execute({
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          search: '',
          body: Buffer.from(JSON.stringify({ query: document, variables, operationName })),
          viewer: { tenant: TENANT, userId: userId(ids), role },
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

import { fileURLToPath } from 'node:url'
import type { KyselyPlugin, RootOperationNode } from 'kysely'
import { readConfig } from '#src/config/config.ts'
import { Cache } from '#src/engine/cache/cache.ts'
import type { CacheOptions } from '#src/engine/cache/cache-options.ts'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { observeReads } from '#src/engine/postgres/observe-reads.ts'
import { openSnapshot } from '#src/engine/postgres/snapshot.ts'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { createGraphQL, type GraphQLOptions } from '#src/gateway/graphql/endpoint/create-graphql.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { WritePath } from '#src/gateway/writes/write-path.ts'
import { createEventRecorder } from '#src/market/modules/analytics/event-recorder.ts'
import { createModules } from '#src/market/modules/index.ts'
import { WorkQueue } from '#src/market/rules/naming/work-queue.ts'
import { entities } from '../servers/database.ts'
import type { ScratchDatabase } from './scratch-database.ts'

/** Key of the hashes of callers in tests. */
export const CALLER_HASH_KEY = 'a key of hashes of callers for tests only'

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query, which only the test knows
  readonly data: any
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string; readonly retryAfterMs?: number } }[]
}

/** Parts that a test replaces: the log, the clock and the shared tier of the cache, how popularity is counted, and the schema. */
export type MarketGatewayParts = Pick<CacheOptions, 'log' | 'env' | 'remote'> & Pick<GraphQLOptions, 'popularity' | 'adaptTypeDefs'>

/** Starts all modules with a real cache and, unless `parts` has another, a real invalidation log, without HTTP. */
export async function startMarketGateway(scratch: ScratchDatabase, parts: Partial<MarketGatewayParts> = {}) {
  const { popularity, adaptTypeDefs, ...cacheParts } = parts
  const statements: RootOperationNode['kind'][] = []
  const counting: KyselyPlugin = {
    transformQuery({ node }) {
      statements.push(node.kind)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const db = scratch.db.withPlugin(counting)
  const setTimer = (callback: () => void, delayMs: number) => {
    const timer = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timer) }
  }
  const recorder = createEventRecorder({
    db,
    setTimer,
    monotonic: () => performance.now(),
    flushMaxEvents: 1000,
    flushDelayMs: 1,
    maxPendingBytes: 2 ** 19,
  })
  const cache = new Cache({ log: parts.log ?? scratch.handle.openLog(), entities, secrets: ['a secret for tests only'], ...cacheParts })
  await cache.start()
  const endpoint = await createGraphQL({
    schemaFolder: fileURLToPath(new URL('../../schema', import.meta.url)),
    modules: createModules({
      generationQueue: new WorkQueue(),
      recordEvents: (tenant, events) => recorder.record(tenant, events),
      callerHashKey: CALLER_HASH_KEY,
    }),
    cache,
    sources: {
      db,
      writes: new WritePath({ cache, inTransaction: (work, cause) => inTransaction(db, work, { attempts: 5, cause }), isUnavailable }),
      isUnavailable,
      openSnapshot: () => openSnapshot(db),
      observeReads: (work) => observeReads(db, work),
    },
    localId,
    policyOverrides: {},
    introspection: true,
    limits: readConfig({}).limits,
    ...(parts.env ? { env: parts.env } : {}),
    ...(popularity ? { popularity } : {}),
    ...(adaptTypeDefs ? { adaptTypeDefs } : {}),
  })
  return {
    endpoint,
    /** Returns the number of SQL statements since the last call of this function. */
    takeStatements: () => statements.splice(0).length,
    async ask(tenant: string, role: Role, query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
      const response = await endpoint.execute({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        search: '',
        body: Buffer.from(JSON.stringify({ query, variables })),
        viewer: { tenant, role, userId: '1' },
        requestId: 'request-1',
        debug: false,
      })
      const { data = null, errors = [] } = JSON.parse(Buffer.from(response.body as Uint8Array).toString())
      return { data, errors }
    },
    async close() {
      await endpoint.stop()
      await recorder.drain()
      await cache.close()
    },
  }
}

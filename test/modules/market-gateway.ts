import { fileURLToPath } from 'node:url'
import type { KyselyPlugin, RootOperationNode } from 'kysely'
import { Cache } from '../../src/cache/cache.ts'
import { readConfig } from '../../src/config/config.ts'
import { createGraphQL } from '../../src/graphql/create-graphql.ts'
import { createEventRecorder } from '../../src/modules/analytics/event-recorder.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import type { Role } from '../../src/modules/module.ts'
import { isUnavailable } from '../../src/postgres/failure.ts'
import { observeReads } from '../../src/postgres/observe-reads.ts'
import { openSnapshot } from '../../src/postgres/snapshot.ts'
import { inTransaction } from '../../src/postgres/transaction.ts'
import { entities } from '../servers/database.ts'
import type { ScratchDatabase } from './scratch-database.ts'

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query, which only the test knows
  readonly data: any
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

/** All modules behind a real cache and a real log, without HTTP. */
export async function startMarketGateway(scratch: ScratchDatabase) {
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
  const recorder = createEventRecorder({ db, setTimer, flushMaxEvents: 1000, flushDelayMs: 1 })
  const cache = new Cache({ log: scratch.handle.openLog(), entities, secrets: ['a secret for tests only'] })
  await cache.start()
  const endpoint = await createGraphQL({
    schemaFolder: fileURLToPath(new URL('../../schema', import.meta.url)),
    modules: createModules(),
    cache,
    sources: {
      db,
      inTransaction: (work) => inTransaction(db, work, { attempts: 5 }),
      isUnavailable,
      openSnapshot: () => openSnapshot(db),
      observeReads: (work) => observeReads(db, work),
      recordEvents: (tenant, events) => recorder.record(tenant, events),
    },
    localId,
    policyOverrides: {},
    introspection: true,
    limits: readConfig({}).limits,
  })
  return {
    /** Statements since the last call. */
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

import { type ExecutionResult, execute, type GraphQLSchema, parse, validate } from 'graphql'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { Cache } from '#src/engine/cache/cache.ts'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { openSnapshot } from '#src/engine/postgres/snapshot.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { Trace } from '#src/gateway/graphql/answers/trace.ts'
import { createContext } from '#src/gateway/graphql/execution/context.ts'
import { createExecutor } from '#src/gateway/graphql/execution/executor.ts'
import { ExecutionBudget } from '#src/gateway/graphql/execution/limits/execution-budget.ts'
import { NO_DIRECTIVES } from '#src/gateway/graphql/execution/request-directives.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { WritePath } from '#src/gateway/writes/write-path.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { corpus, holdOpenBids, type Ids, idsOf } from '../corpus/operations.ts'
import { dailySeed } from '../daily-seed.ts'
import { createDatabase, entities, type TestDatabase } from '../servers/database.ts'

/** Number of executions of each operation. The last executions use compiled code if the operation is compilable. */
const EXECUTIONS = 4

/**
 * `npm run test:thorough -- executor` compares every operation for each caller. `npm test` compares a third of them for each caller, another
 * third for the next caller, and a different third every day.
 */
const STRIDE = process.env['EXECUTOR_ALL'] ? 1 : 3

describe('the executor, for every operation in the test corpus,', () => {
  let database: TestDatabase
  let handle: Awaited<ReturnType<typeof openMarketDatabase>>
  let cache: Cache
  let log: ReturnType<typeof handle.openLog>
  let gateway: GatewaySchema
  let ids: Ids

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    await holdOpenBids(database)
    ids = await idsOf(database, 'acme', Date.now())
    handle = await openMarketDatabase({ url: database.url, poolSize: 4, statementTimeoutMs: 10_000, onError: () => undefined })
    log = handle.openLog()
    cache = new Cache({ log, entities, secrets: ['a secret for tests only'] })
    await cache.start()
    const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
    gateway = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })
  })

  afterAll(async () => {
    await cache?.close()
    await log?.close()
    await handle?.close()
    await database?.drop()
  })

  const contextOf = (viewer: Principal | null) => {
    const db = handle.db as Kysely<Database>
    const unused = () => Promise.reject(new Error('Nothing is written.'))
    const sources = {
      db,
      writes: new WritePath({ cache, inTransaction: unused, isUnavailable }),
      isUnavailable,
      openSnapshot: () => openSnapshot(db),
    }
    const trace = new Trace({ debug: false })
    const clock = { monotonic: () => 0, nextTurn: () => Promise.resolve() }
    const budget = new ExecutionBudget(readConfig({}).limits, clock, false)
    const session = cache.openSession()
    const popularity = { count: () => undefined, isPopular: () => false }
    return createContext({ gateway, cache, sources, now: Date.now, viewer, session, trace, directives: NO_DIRECTIVES, budget, popularity })
  }

  it.each([
    ['an administrator', 'ADMIN', 0],
    ['a viewer', 'VIEWER', 1],
    ['an anonymous caller', null, 2],
  ] as const)('gives %s exactly the same response as graphql-js', async (_who, role, shift) => {
    const viewer = role && { tenant: 'acme', userId: localId(ids.user) ?? '', role }
    const run = createExecutor(gateway.schema)
    let compared = 0
    const chosen = corpus(gateway.schema, ids).filter((_operation, at) => (at + shift + dailySeed) % STRIDE === 0)
    for (const { name, document: text, operationName, variables } of chosen) {
      const document = parsed(gateway.schema, text)
      if (!document) continue
      const terms = { document, operationName, variableValues: variables }
      const expected = await execute({
        schema: gateway.schema,
        ...terms,
        operationName: operationName ?? null,
        contextValue: contextOf(viewer),
      })
      for (let time = 1; time <= EXECUTIONS; time++) {
        const result = await run({ ...terms, contextValue: contextOf(viewer) })
        expect(textOf(result), `${name}, time ${time}`).toBe(textOf(expected))
      }
      compared++
    }
    expect(compared).toBeGreaterThan(STRIDE === 1 ? 80 : 20)
  })
})

function parsed(schema: GraphQLSchema, text: string) {
  try {
    const document = parse(text)
    return validate(schema, document).length === 0 ? document : undefined
  } catch {
    return undefined
  }
}

/**
 * Formats a result with its error codes. Errors are sorted, because fields that are resolved concurrently may fail in
 * any order.
 */
function textOf({ data, errors = [] }: ExecutionResult): string {
  const sorted = errors.map((error) => JSON.stringify([error, error.extensions['code']])).sort()
  return JSON.stringify({ data, errors: sorted })
}

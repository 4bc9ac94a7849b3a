import { type ExecutionResult, execute, type GraphQLSchema, parse, validate } from 'graphql'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cache } from '../../src/cache/cache.ts'
import { readConfig } from '../../src/config/config.ts'
import { createContext } from '../../src/graphql/context.ts'
import { createExecutor } from '../../src/graphql/executor.ts'
import { ExecutionBudget } from '../../src/graphql/limits/execution-budget.ts'
import { NO_DIRECTIVES } from '../../src/graphql/request-directives.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from '../../src/graphql/schema.ts'
import { Trace } from '../../src/graphql/trace.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import type { Viewer } from '../../src/modules/module.ts'
import { isUnavailable } from '../../src/postgres/failure.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { openSnapshot } from '../../src/postgres/snapshot.ts'
import type { Database } from '../../src/postgres/tables.ts'
import { corpus, holdOpenBids, type Ids, idsOf } from '../corpus/operations.ts'
import { createDatabase, entities, type TestDatabase } from '../servers/database.ts'

/** The last ones are those of compiled code, where there is any. */
const EXECUTIONS = 4

describe('the executor, asked for every operation of the corpus', () => {
  let database: TestDatabase
  let handle: Awaited<ReturnType<typeof openDatabase>>
  let cache: Cache
  let log: ReturnType<typeof handle.openLog>
  let gateway: GatewaySchema
  let ids: Ids

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    await holdOpenBids(database)
    ids = await idsOf(database, 'acme', Date.now())
    handle = await openDatabase({ url: database.url, poolSize: 4, statementTimeoutMs: 10_000, onError: () => undefined })
    log = handle.openLog()
    cache = new Cache({ log, entities, secrets: ['a secret for tests only'] })
    await cache.start()
    const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
    gateway = buildGatewaySchema({ typeDefs, modules: createModules(), overrides: {}, localId })
  })

  afterAll(async () => {
    await cache?.close()
    await log?.close()
    await handle?.close()
    await database?.drop()
  })

  const contextOf = (viewer: Viewer | null) => {
    const db = handle.db as Kysely<Database>
    const unused = () => Promise.reject(new Error('Nothing is written.'))
    const sources = { db, inTransaction: unused, isUnavailable, openSnapshot: () => openSnapshot(db), recordEvents: unused }
    const trace = new Trace({ debug: false })
    const clock = { monotonic: () => 0, nextTurn: () => Promise.resolve() }
    const budget = new ExecutionBudget(readConfig({}).limits, clock, false)
    const session = cache.openSession()
    return createContext({ gateway, cache, sources, now: Date.now, viewer, session, trace, directives: NO_DIRECTIVES, budget })
  }

  it.each([
    ['an administrator', 'ADMIN'],
    ['a viewer', 'VIEWER'],
    ['nobody known', null],
  ] as const)('gives %s what the reference gives, to the letter', async (_who, role) => {
    const viewer = role && { tenant: 'acme', userId: localId(ids.user) ?? '', role }
    const run = createExecutor(gateway.schema)
    let compared = 0
    for (const { name, document: text, operationName, variables } of corpus(gateway.schema, ids)) {
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
    expect(compared).toBeGreaterThan(80)
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

/** With the codes behind the errors. Fields that are resolved at the same time may fail in any order. */
function textOf({ data, errors = [] }: ExecutionResult): string {
  const sorted = errors.map((error) => JSON.stringify([error, error.extensions['code']])).sort()
  return JSON.stringify({ data, errors: sorted })
}

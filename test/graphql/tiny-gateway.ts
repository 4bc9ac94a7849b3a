import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { readConfig } from '#src/config/config.ts'
import { Cache } from '#src/engine/cache/cache.ts'
import type { CacheOptions } from '#src/engine/cache/cache-options.ts'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import { type Env, systemEnv } from '#src/engine/cache/model/env.ts'
import type { RemoteTier } from '#src/engine/cache/shared/remote-tier.ts'
import type { Module } from '#src/gateway/contract/module.ts'
import { createGraphQL, type GraphQLOptions } from '#src/gateway/graphql/endpoint/create-graphql.ts'
import type { GraphQLHttpResponse } from '#src/gateway/graphql/endpoint/endpoint.ts'
import type { HiddenError, OperationEvent } from '#src/gateway/graphql/endpoint/response-plugin.ts'
import type { Principal, Role } from '#src/gateway/identity/principal.ts'
import { WritePath } from '#src/gateway/writes/write-path.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { dummyDialect } from './dummy-dialect.ts'
import { noteEntity, TINY_SDL, TinyStore, tinyModule, wordEntity } from './tiny-module.ts'

export function viewer(tenant: string, role: Role = 'VIEWER', userId = 'u1'): Principal {
  return { tenant, role, userId }
}

export interface Asking {
  readonly viewer?: Principal | null
  readonly variables?: Record<string, unknown>
  readonly headers?: Record<string, string>
  readonly sessionToken?: string | undefined
  readonly method?: string
  readonly debug?: boolean
}

export interface Answered extends Omit<GraphQLHttpResponse, 'body'> {
  readonly body: string
  readonly data: unknown
  readonly errors: readonly { message: string; path?: readonly (string | number)[]; extensions: Record<string, unknown> }[]
  readonly extensions: Readonly<Record<string, unknown>>
}

/**
 * Starts a gateway with its own cache. Several gateways can share an invalidation log and a store, like processes that
 * share a database. By default each gateway has its own log and store.
 */
export async function startTinyGateway(
  options: {
    store?: TinyStore
    log?: MemoryLog
    remote?: RemoteTier
    enabled?: boolean
    overrides?: GraphQLOptions['policyOverrides']
    /** Options of the cache. */
    cacheOptions?: Pick<CacheOptions, 'stalenessBoundMs' | 'tickMs' | 'hotKeys' | 'shadowRate' | 'onEvent'>
    /** Default: the real clock and timers. */
    env?: Env
    /** Schema to use instead of `TINY_SDL`. */
    sdl?: string
    /** Adapts the module before the gateway uses it. */
    adapt?: (module: Module) => Module
  } & Partial<Pick<GraphQLOptions, 'introspection' | 'limits' | 'maxBatched' | 'trusted' | 'memory' | 'usage'>> = {},
) {
  const { store = new TinyStore(), log = new MemoryLog(), enabled = true, overrides = {}, remote, adapt = (module) => module } = options
  const { env = systemEnv } = options
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-schema-'))
  await copyFile(new URL('../../schema/directives.graphql', import.meta.url), join(folder, 'directives.graphql'))
  await writeFile(join(folder, 'tiny.graphql'), options.sdl ?? TINY_SDL)
  const cache = new Cache({
    log,
    entities: [noteEntity, wordEntity],
    secrets: ['a secret for tests only'],
    enabled,
    env,
    ...options.cacheOptions,
    ...(remote ? { remote } : {}),
  })
  await cache.start()
  const db = new Kysely<Database>({ dialect: dummyDialect })
  const snapshotDb = new Kysely<Database>({ dialect: dummyDialect })
  const snapshots = { opened: 0, ended: 0, fails: false }
  const hidden: HiddenError[] = []
  const operations: OperationEvent[] = []
  const isUnavailable = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
  const endpoint = await createGraphQL({
    schemaFolder: folder,
    modules: [adapt(tinyModule(store, () => env.now()))],
    cache,
    env,
    sources: {
      db,
      writes: new WritePath({
        cache,
        isUnavailable,
        async inTransaction(work) {
          const result = await db.transaction().execute(work)
          await log.append(store.written)
          store.written = []
          if (store.losesCommit) throw Object.assign(new Error('Connection terminated'), { code: 'ECONNREFUSED' })
          return result
        },
      }),
      isUnavailable,
      openSnapshot: async () => {
        if (snapshots.fails) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
        snapshots.opened++
        return { db: snapshotDb, end: async () => void snapshots.ended++ }
      },
    },
    localId: (id) => id,
    policyOverrides: overrides,
    introspection: options.introspection ?? true,
    limits: options.limits ?? readConfig({}).limits,
    maxBatched: options.maxBatched ?? 0,
    ...(options.trusted ? { trusted: options.trusted } : {}),
    ...(options.memory ? { memory: options.memory } : {}),
    usage: options.usage,
    onHiddenError: (event) => hidden.push(event),
    onOperation: (event) => operations.push(event),
  }).finally(() => rm(folder, { recursive: true }))

  return {
    store,
    log,
    cache,
    db,
    snapshotDb,
    snapshots,
    endpoint,
    hidden,
    operations,
    async ask(query: string, asking: Asking = {}): Promise<Answered> {
      const { viewer = null, variables = {}, headers = {}, sessionToken, method = 'POST', debug = false } = asking
      const isGet = method === 'GET'
      const response = await endpoint.execute({
        method,
        headers: isGet ? { 'apollo-require-preflight': 'true', ...headers } : { 'content-type': 'application/json', ...headers },
        search: isGet ? new URLSearchParams({ query, variables: JSON.stringify(variables) }).toString() : '',
        body: isGet ? undefined : Buffer.from(JSON.stringify({ query, variables })),
        viewer,
        requestId: 'request-1',
        sessionToken,
        debug,
      })
      const body = Buffer.from(response.body as Uint8Array).toString()
      const { data, errors = [], extensions = {} } = JSON.parse(body)
      return { ...response, body, data, errors, extensions }
    },
    async [Symbol.asyncDispose]() {
      await endpoint.stop()
      await cache.close()
    },
  }
}

/** Returns the value at a path of a response. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), value)
}

import { Agent, request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { type CorpusOperation, corpus, holdOpenBids, idsOf } from '../corpus/operations.ts'
import { dailySeed } from '../daily-seed.ts'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { recognition } from '../servers/recognition.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type Gateway, startGateway, tokenFor } from './gateway.ts'
import { introspectionQuery, readSchema } from './schema-walk.ts'

const ENCODINGS = ['identity', 'gzip', 'br'] as const
const METHODS = ['POST', 'GET'] as const
/** Node rejects longer request headers. */
const MAX_URL_LENGTH = 12_000
/**
 * `npm run test:thorough -- bytes` compares every operation, or one in COMPARE_EVERY. `npm test` compares one in 25, and others every day.
 */
const STRIDE = Number(process.env['COMPARE_EVERY'] ?? 25)
const OFFSET = dailySeed % STRIDE

/** Number of further times that two callers send a request to the second process. */
const REPEATS = 4

type Method = (typeof METHODS)[number]
type Encoding = (typeof ENCODINGS)[number]

interface Asker {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  readonly operations: readonly CorpusOperation[]
}

interface Received {
  readonly status: number
  readonly type: string | undefined
  readonly text: string
  readonly cacheLevel: string
}

describe(
  'an operation of the test corpus, sent by anonymous callers and by users of all roles and of two tenants,',
  needs('redis-server'),
  () => {
    const agent = new Agent({ keepAlive: true })
    let database: TestDatabase
    let redis: RedisServer
    let uncached: Gateway
    let first: Gateway
    let second: Gateway
    let askers: Asker[]

    beforeAll(async () => {
      ;[database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
      await holdOpenBids(database)
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url }
      ;[uncached, first, second] = await Promise.all([
        startGateway({ DATABASE_URL: database.url, CACHE: 'off' }),
        startGateway(env),
        startGateway(env),
      ])
      const { data } = await uncached.ask(introspectionQuery)
      const schema = readSchema(data)
      const now = Date.now()
      const operations = {
        acme: corpus(schema, await idsOf(database, 'acme', now)),
        northstar: corpus(schema, await idsOf(database, 'northstar', now)),
      }
      const usersOf = async (tenant: string) =>
        (await database.query('select id from users where tenant_id = $1 order by id limit 2', [tenant])).map(({ id }) => String(id))
      const [one = '', two = ''] = await usersOf('acme')
      const [other = ''] = await usersOf('northstar')
      const asker = async (principal: Principal, asked: keyof typeof operations): Promise<Asker> => ({
        name: `${principal.role} ${principal.userId} of ${principal.tenant}, by ids of ${asked}`,
        headers: { authorization: `Bearer ${await tokenFor(principal)}` },
        operations: operations[asked],
      })
      // The callers are ordered so that callers of the two tenants alternate: when a caller sends an operation, the
      // cache already contains the response that was stored for a caller of the other tenant.
      askers = [{ name: 'nobody', headers: {}, operations: operations.acme }]
      for (const role of ['ADMIN', 'VIEWER', 'EDITOR'] as const) {
        askers.push(await asker({ tenant: 'acme', userId: one, role }, 'acme'))
        askers.push(await asker({ tenant: 'northstar', userId: other, role }, 'northstar'))
        askers.push(await asker({ tenant: 'acme', userId: two, role }, 'acme'))
      }
      askers.push(await asker({ tenant: 'northstar', userId: other, role: 'ADMIN' }, 'acme'))
    })

    afterAll(async () => {
      agent.destroy()
      await Promise.all([uncached?.stop(), first?.stop(), second?.stop()])
      await Promise.all([redis?.stop(), database?.drop()])
    })

    const ask = (
      gateway: Gateway,
      { headers }: Asker,
      operation: CorpusOperation,
      method: Method,
      encoding: Encoding,
    ): Promise<Received> => {
      const { document: query, operationName, variables } = operation
      const common = { ...headers, 'accept-encoding': encoding, 'x-request-id': 'compared' }
      if (method === 'GET') {
        const search = new URLSearchParams({ query, ...(operationName ? { operationName } : {}), variables: JSON.stringify(variables) })
        return exchange(`${gateway.url}/graphql?${search}`, { method, agent, headers: { ...common, 'apollo-require-preflight': 'true' } })
      }
      const body = JSON.stringify({ query, operationName, variables })
      const own = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
      return exchange(`${gateway.url}/graphql`, { method, agent, headers: { ...common, ...own } }, body)
    }

    /**
     * Sends operation number `at` of the corpus once for each caller, and then again by each other HTTP method, so that
     * requests of other callers lie between two requests of the same caller.
     */
    async function compare(at: number): Promise<{ requests: number; hits: Record<'l1' | 'l2', number> }> {
      const expected = new Map<Asker, Map<Method, Received>>()
      const methodsOf = new Map<Asker, readonly Method[]>()
      const operationOf = ({ operations }: Asker) => operations[at] as CorpusOperation
      for (const asker of askers) {
        const operation = operationOf(asker)
        const length = new URLSearchParams({ query: operation.document, variables: JSON.stringify(operation.variables) }).toString().length
        const methods = length < MAX_URL_LENGTH ? METHODS : (['POST'] as const)
        methodsOf.set(asker, methods)
        const plain = new Map<Method, Received>()
        for (const method of methods) plain.set(method, await ask(uncached, asker, operation, method, 'identity'))
        expected.set(asker, plain)
        const [post, get] = [plain.get('POST'), plain.get('GET')]
        if (get?.status === 200) expect(get.text, `${asker.name}: ${operation.name}`).toBe(post?.text)
      }
      let requests = 0
      const hits = { l1: 0, l2: 0 }
      const rounds = [
        ...METHODS.flatMap((method) => ENCODINGS.map((encoding) => ({ gateway: first, method, encoding }))),
        ...METHODS.map((method) => ({ gateway: second, method, encoding: 'identity' as const })),
      ].map((round) => ({ ...round, senders: askers }))
      // The last of these are recognised by their bytes.
      const repeated = { gateway: second, method: 'POST', encoding: 'identity', senders: askers.slice(0, 2) } as const
      for (const { gateway, method, encoding, senders } of [...rounds, ...Array<typeof repeated>(REPEATS).fill(repeated)]) {
        for (const asker of senders) {
          if (!methodsOf.get(asker)?.includes(method)) continue
          const operation = operationOf(asker)
          const { cacheLevel, ...given } = await ask(gateway, asker, operation, method, encoding)
          const { cacheLevel: _bypassed, ...plain } = expected.get(asker)?.get(method) as Received
          expect(given, `${asker.name}: ${operation.name}, ${method}, ${encoding}`).toEqual(plain)
          if (gateway === first && cacheLevel === 'L1') hits.l1++
          if (gateway === second && cacheLevel === 'L2') hits.l2++
          requests++
        }
      }
      return { requests, hits }
    }

    it('has the same response, byte for byte, with and without the cache, by POST and GET, and in every encoding, whether the cache is empty or has the response in memory or in Redis', async () => {
      const size = askers[0]?.operations.length ?? 0
      const chosen = Array.from({ length: size }, (_, at) => at).filter((at) => at % STRIDE === OFFSET)
      const hits = { l1: 0, l2: 0 }
      let requests = 0
      for (const at of chosen) {
        const compared = await compare(at)
        requests += compared.requests
        hits.l1 += compared.hits.l1
        hits.l2 += compared.hits.l2
      }
      expect(size).toBeGreaterThan(90)
      expect(chosen.length).toBeGreaterThanOrEqual(Math.floor(size / STRIDE))
      // Many responses came from the cache. The rest are errors and uncacheable responses, of which a small sample may have more.
      expect(hits.l1).toBeGreaterThan(STRIDE === 1 ? requests / 4 : requests / 5)
      const metrics = await (await fetch(`${second.url}/metrics`)).text()
      expect(Number(/^tidegate_answers_recognised_total (\d+)$/m.exec(metrics)?.[1]) > 0).toBe(recognition === 'on')
      // A response that the first process stored comes from Redis once for each tenant, role or user that shares the
      // response, and after that from memory. Some operations are not cached, so the test expects at least half of the
      // operations to come from Redis.
      expect(hits.l2).toBeGreaterThan(chosen.length / 2)
    }, 180_000)
  },
)

function exchange(url: string, options: Parameters<typeof request>[1], body?: string): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options as object, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { 'content-encoding': encoding, 'content-type': type, 'x-cache-level': cacheLevel = '' } = response.headers
        const text = inAnyOrder(decoded(Buffer.concat(chunks), encoding))
        resolve({ status: response.statusCode ?? 0, type, text, cacheLevel: String(cacheLevel) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function decoded(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === 'gzip') return gunzipSync(bytes).toString()
  if (encoding === 'br') return brotliDecompressSync(bytes).toString()
  return bytes.toString()
}

/** Sorts the errors of a response, because fields that are resolved concurrently may fail in any order. */
function inAnyOrder(text: string): string {
  if (!text.includes('"errors":[{')) return text
  const { errors, ...others } = JSON.parse(text)
  return JSON.stringify({ errors: (errors as unknown[]).map((error) => JSON.stringify(error)).sort(), ...others })
}

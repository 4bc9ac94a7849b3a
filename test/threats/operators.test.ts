import { isObjectType } from 'graphql'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId } from '#src/gateway/contract/global-id.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'
import { post, startTinyServer } from './tiny-server.ts'

const PATHS = ['/admin', '/cache/flush', '/invalidate', '/purge', '/revoke', '/metrics']
const METHODS = ['GET', 'POST', 'PURGE']
const REFRESH = 'mutation { refreshAnalytics { correctedRows } }'
const FIGURES = '{ analytics { performance(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { calls } } }'
const HOUR = '2026-01-01T10:00:00.000Z'

const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
const { schema } = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })

describe('T13: an action of an operator', () => {
  it('T13: cannot be triggered by a request: only /graphql accepts requests, and a cached response stays cached', async () => {
    await using server = await startTinyServer()
    const usual = post('{ words { nodes { name } } }')
    await server.untilAtHand(usual)
    for (const path of PATHS) {
      for (const method of METHODS) {
        const { status } = await server.send({ ...usual, method, path })
        expect([method, path, status]).toEqual([method, path, 404])
      }
    }
    for (const method of ['PUT', 'DELETE', 'PURGE']) expect((await server.send({ ...usual, method })).status).toBeGreaterThanOrEqual(400)
    const { count } = server.atHand
    await server.send(usual)
    expect(server.atHand.count).toBe(count + 1)
  })

  it('T13: is not a field of the schema: no field requires the role OPERATOR, and each mutation requires a role of the tenant', () => {
    const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, roleOf(field.astNode)] as const)
        : [],
    )
    expect(fields.filter(([, role]) => role === 'OPERATOR')).toEqual([])
    const mutations = fields.filter(([name]) => name.startsWith('Mutation.'))
    expect(mutations.length).toBeGreaterThan(10)
    expect(mutations.filter(([, role]) => role !== 'EDITOR' && role !== 'ADMIN')).toEqual([])
  })
})

function roleOf(
  node:
    | {
        readonly directives?:
          | readonly { readonly name: { readonly value: string }; readonly arguments?: readonly { readonly value: object }[] }[]
          | undefined
      }
    | null
    | undefined,
): unknown {
  const value = node?.directives?.find(({ name }) => name.value === 'auth')?.arguments?.[0]?.value
  return value && 'value' in value ? value.value : undefined
}

describe('T13: a refresh of the analytics figures', () => {
  let scratch: ScratchDatabase
  let gateway: Awaited<ReturnType<typeof startMarketGateway>>
  let own: Market
  let other: Market

  beforeAll(async () => {
    scratch = await createScratchDatabase()
    own = await addMarket(scratch.db, 'own')
    other = await addMarket(scratch.db, 'other')
    gateway = await startMarketGateway(scratch)
  })
  afterAll(async () => {
    await gateway?.close()
    await scratch?.drop()
  })

  /** Writes wrong figures for both tenants into the rollup tables. */
  async function distort(): Promise<void> {
    const rest = {
      hour: HOUR,
      calls: 5,
      settledCalls: 0,
      durationSeconds: 0,
      bids: 0,
      wonBids: 0,
      spendMinor: 0,
      revenueMinor: 0,
      payoutMinor: 0,
    }
    await scratch.db.deleteFrom('campaignHours').execute()
    for (const { tenant: tenantId, campaignId } of [own, other])
      await scratch.db
        .insertInto('campaignHours')
        .values({ tenantId, campaignId, ...rest })
        .execute()
  }
  const callsOf = async ({ tenant }: Market) => (await gateway.ask(tenant, 'ADMIN', FIGURES)).data.analytics.performance.calls
  const distorted = async () =>
    (await scratch.db.selectFrom('campaignHours').select('tenantId').where('calls', '=', 5).orderBy('tenantId').execute()).map(
      ({ tenantId }) => tenantId,
    )

  it('T13: is refused to every role except ADMIN, and then changes nothing', async () => {
    await distort()
    for (const role of ['VIEWER', 'EDITOR', 'OPERATOR'] as const) {
      const { errors } = await gateway.ask(own.tenant, role, REFRESH)
      expect([role, errors.map(({ extensions }) => extensions.code)]).toEqual([role, ['FORBIDDEN']])
    }
    expect(await distorted()).toEqual(['other', 'own'])
  })

  it("T13: by an ADMIN affects only the rows and cached responses of the ADMIN's tenant", async () => {
    await distort()
    expect((await gateway.ask(own.tenant, 'ADMIN', REFRESH)).errors).toEqual([])
    expect(await distorted()).toEqual(['other'])
    expect([await callsOf(own), await callsOf(other)]).toEqual([0, 5])
    gateway.takeStatements()
    expect((await gateway.ask(own.tenant, 'ADMIN', REFRESH)).errors).toEqual([])
    gateway.takeStatements()
    expect([await callsOf(other), gateway.takeStatements()]).toEqual([5, 0])
  })

  it('T13: of all tenants, run by SQL, affects the other tenant as well, which shows that this test detects such an effect', async () => {
    await distort()
    await sql`select refresh_rollups(null)`.execute(scratch.db)
    expect(await distorted()).toEqual([])
  })
})

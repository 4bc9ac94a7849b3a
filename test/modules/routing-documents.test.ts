import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import { MapTier } from '../cache/instance.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const USD = (amount: number) => ({ amount, currency: 'USD' })

let scratch: ScratchDatabase
/** Redis of both instances. */
const shared = new MapTier()
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let other: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market
let buyer: string

beforeAll(async () => {
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch, { remote: shared })
  other = await startMarketGateway(scratch, { remote: shared })
  market = await addMarket(scratch.db, 'acme')
  buyer = toGlobalId('Buyer', market.buyerIds[0] ?? 0)
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  await other?.close()
  await scratch?.drop()
})

async function mutate(
  name: string,
  input: Readonly<Record<string, unknown>>,
  fields: string,
  role: 'ADMIN' | 'EDITOR' = 'ADMIN',
  tenant = 'acme',
) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} errors { code field message } } }`
  const { data, errors } = await gateway.ask(tenant, role, query, { input })
  return data?.[name] ?? errors.map(({ extensions }) => extensions.code)
}
const codesOf = (errors: readonly { code: string; field: readonly string[] }[]) =>
  errors.map(({ code, field }) => `${code} ${field.join('.')}`)

describe('the candidates of a route', () => {
  const ask = (tenant: string, campaign: number, state: string, at: Date | null = null) =>
    gateway.ask(
      tenant,
      'VIEWER',
      'query ($id: ID!, $state: String!, $at: DateTime) { routingCandidates(campaignId: $id, state: $state, at: $at) { state } }',
      {
        id: toGlobalId('Campaign', campaign),
        state,
        at: at?.toISOString() ?? null,
      },
    )

  it('are known for a tenant that never had a buyer', async () => {
    const { rows } = await sql<{ id: number }>`
      with tenant as (insert into tenants (id, name, currency) values ('empty', 'Empty', 'USD') returning id),
        owner as (insert into users (tenant_id, email, name, role) select id, 'a@empty.test', 'A', 'ADMIN' from tenant returning id, tenant_id)
      insert into campaigns (tenant_id, owner_id, name, status, budget_minor, keywords, tlds, patterns)
        select tenant_id, id, 'One', 'ACTIVE', 1000, '{roof}', '{com}', '{}' from owner returning id::int4`.execute(scratch.db)
    const { data, errors } = await ask('empty', rows[0]?.id ?? 0, 'CA')
    expect({ data, errors }).toEqual({ data: { routingCandidates: { state: 'CA' } }, errors: [] })
  })

  it('are refused for letters that are no state, and for a time that is far away', async () => {
    const day = 86_400_000
    for (const [state, at] of [
      ['ZZ', null],
      ['CA', new Date('1969-12-31T23:00:00Z')],
      ['CA', new Date(Date.now() - 2 * day)],
      ['CA', new Date(Date.now() + 9 * day)],
    ] as const) {
      const { errors } = await ask('acme', market.campaignId, state, at)
      expect(
        errors.map(({ extensions }) => extensions.code),
        state,
      ).toEqual(['BAD_USER_INPUT'])
    }
    const { errors } = await ask('acme', market.campaignId, 'ca', new Date(Date.now() + 7 * day))
    expect(errors).toEqual([])
  })
})

describe('routing plans', () => {
  const DOCUMENT = 'strategy reservationSeconds minimumPrice { amount } targets { buyer { name } tier weight price { amount } conditions }'
  const FIELDS = `plan { id version published { number } versions { number status } } version { id number status version ${DOCUMENT} }`
  const target = () => ({ buyerId: buyer, tier: 2, price: USD(700), conditions: { attribute: 'zip', operator: 'matches', value: '9*' } })
  const create = async (name: string) => {
    const plan = { strategy: 'WEIGHTED', minimumPrice: USD(100), targets: [target()] }
    return await mutate('createRoutingPlan', { name, plan }, FIELDS, 'EDITOR')
  }

  it('begin as a draft, whose content an editor replaces and ADMIN publishes; then the campaign that names the plan shows it', async () => {
    const created = await mutate('createRoutingPlan', { name: 'Weighted', plan: { strategy: 'WEIGHTED', targets: [target()] } }, FIELDS)
    expect(created.errors).toEqual([])
    expect(created.plan).toMatchObject({ published: null, versions: [{ number: 1, status: 'DRAFT' }] })
    expect(created.version).toMatchObject({ number: 1, version: 1, strategy: 'WEIGHTED', reservationSeconds: 60, minimumPrice: null })
    const { conditions } = target()
    expect(created.version.targets).toEqual([{ buyer: { name: 'Ada' }, tier: 2, weight: 1, price: { amount: 700 }, conditions }])

    const [planId, draftId] = [created.plan.id, created.version.id]
    const saved = await mutate('saveRoutingPlanDraft', { planId, draftId, version: 1, plan: { reservationSeconds: 30 } }, FIELDS)
    expect(saved.version).toMatchObject({ id: draftId, version: 2, strategy: 'HIGHEST_BID', reservationSeconds: 30, targets: [] })
    expect(await mutate('publishRoutingPlan', { draftId, version: 2 }, FIELDS, 'EDITOR')).toEqual(['FORBIDDEN'])
    expect(codesOf((await mutate('publishRoutingPlan', { draftId, version: 1 }, FIELDS)).errors)).toEqual(['CONFLICT input.version'])
    const published = await mutate('publishRoutingPlan', { draftId, version: 2 }, FIELDS)
    expect(published).toMatchObject({ errors: [], version: { status: 'PUBLISHED' }, plan: { published: { number: 1 } } })

    const next = await mutate('saveRoutingPlanDraft', { planId, plan: {} }, FIELDS)
    expect(next.plan.versions).toEqual([
      { number: 2, status: 'DRAFT' },
      { number: 1, status: 'PUBLISHED' },
    ])
    const id = toGlobalId('Campaign', market.campaignId)
    const changed = await mutate('updateCampaign', { id, version: 1, planId }, 'campaign { plan { id published { number } } }')
    expect(changed.campaign.plan).toEqual({ id: planId, published: { number: 1 } })
    const removed = await mutate('updateCampaign', { id, version: 2, planId: null }, 'campaign { plan { id } }')
    expect(removed.campaign.plan).toBeNull()
    const missing = await mutate('updateCampaign', { id, version: 3, planId: toGlobalId('RoutingPlan', 999_999) }, 'campaign { id }')
    expect(codesOf(missing.errors)).toEqual(['NOT_FOUND input.planId'])
  })

  it('never change after they are published, neither by a mutation nor by SQL', async () => {
    const { plan, version } = await create('Final')
    await mutate('publishRoutingPlan', { draftId: version.id, version: 1 }, FIELDS)
    const draft = { planId: plan.id, draftId: version.id, version: 2, plan: {} }
    expect(codesOf((await mutate('saveRoutingPlanDraft', draft, FIELDS)).errors)).toEqual(['INVALID_STATE input.draftId'])
    expect(codesOf((await mutate('publishRoutingPlan', { draftId: version.id, version: 2 }, FIELDS)).errors)).toEqual([
      'INVALID_STATE input.draftId',
    ])
    const change = sql`update routing_plan_versions set document = '{}' where id = ${localId(version.id)}::int8`
    await expect(change.execute(scratch.db)).rejects.toThrow('A published version never changes')
  })

  it('are refused with the path to each wrong part', async () => {
    expect((await create('Taken')).errors).toEqual([])
    expect(codesOf((await create('Taken')).errors)).toEqual(['NAME_TAKEN input.name'])
    const plan = {
      reservationSeconds: 1,
      minimumPrice: { amount: -1, currency: 'EUR' },
      targets: [
        { buyerId: 'x', tier: 0 },
        { buyerId: buyer, conditions: { all: [] } },
      ],
    }
    const { errors } = await mutate('createRoutingPlan', { name: 'Wrong', plan }, FIELDS)
    expect(codesOf(errors)).toEqual([
      'INVALID input.plan.minimumPrice.amount',
      'INVALID input.plan.minimumPrice.currency',
      'INVALID input.plan.targets.0.buyerId',
      'INVALID input.plan.reservationSeconds',
      'INVALID input.plan.targets.0.tier',
      'INVALID input.plan.targets.1.conditions.all',
    ])
    const unknown = { targets: [{ buyerId: buyer }, { buyerId: toGlobalId('Buyer', 999_999) }] }
    const missing = await mutate('createRoutingPlan', { name: 'Wrong', plan: unknown }, FIELDS)
    expect(codesOf(missing.errors)).toEqual(['NOT_FOUND input.plan.targets.1.buyerId'])
    const unversioned = await mutate(
      'saveRoutingPlanDraft',
      { planId: toGlobalId('RoutingPlan', 1), draftId: toGlobalId('RoutingPlanVersion', 1), plan: {} },
      FIELDS,
    )
    expect(codesOf(unversioned.errors)).toEqual(['INVALID input.version'])
  })
})

describe('rule sets', () => {
  const FIELDS = 'ruleSet { id number status version consentRequired states { state consentRequired } }'
  const save = (input: Readonly<Record<string, unknown>>) => mutate('saveRuleSetDraft', input, FIELDS, 'EDITOR')
  const current = async () => (await other.ask('acme', 'VIEWER', '{ ruleSet { number } routingState { ruleSet { number } } }')).data

  it('are saved as drafts and published by ADMIN, who makes them the ones in use on every instance', async () => {
    expect(await current()).toMatchObject({ ruleSet: null })
    const first = await save({ rules: { consentRequired: true, states: [{ state: 'FL', consentRequired: true }] } })
    expect(first).toMatchObject({ errors: [], ruleSet: { number: 1, status: 'DRAFT', states: [{ state: 'FL' }] } })
    const { id } = first.ruleSet
    const second = await save({ rules: {} })
    expect(second.ruleSet).toMatchObject({ number: 2, consentRequired: false })
    expect(codesOf((await save({ id, version: 9, rules: {} })).errors)).toEqual(['CONFLICT input.version'])
    expect((await save({ id, version: 1, rules: {} })).ruleSet).toMatchObject({ number: 1, version: 2, states: [] })
    expect(await current()).toMatchObject({ ruleSet: null })

    expect(await mutate('publishRuleSet', { id, version: 2 }, FIELDS, 'EDITOR')).toEqual(['FORBIDDEN'])
    expect(await mutate('publishRuleSet', { id, version: 2 }, FIELDS)).toMatchObject({ errors: [], ruleSet: { status: 'PUBLISHED' } })
    expect(codesOf((await save({ id, version: 3, rules: {} })).errors)).toEqual(['INVALID_STATE input.id'])
    await other.ask('acme', 'ADMIN', 'mutation { refreshAnalytics { correctedRows } }')
    expect(await current()).toEqual({ ruleSet: { number: 1 }, routingState: { ruleSet: { number: 1 } } })
    await mutate('publishRuleSet', { id: second.ruleSet.id, version: 1 }, FIELDS)
    await other.ask('acme', 'ADMIN', 'mutation { refreshAnalytics { correctedRows } }')
    expect(await current()).toEqual({ ruleSet: { number: 2 }, routingState: { ruleSet: { number: 2 } } })
    const list = await gateway.ask('acme', 'VIEWER', '{ ruleSets { totalCount nodes { number } } }')
    expect(list.data.ruleSets).toEqual({ totalCount: 2, nodes: [{ number: 2 }, { number: 1 }] })
  })

  it('are refused with the path to the wrong part', async () => {
    const condition = { attribute: 'price', operator: '>', value: 1 }
    const rules = { attempts: [{ maximum: 1, hours: 0 }], states: [{ state: 'XX' }], refuse: [{ name: 'Dear', condition }] }
    expect(codesOf((await save({ rules })).errors).toSorted()).toEqual([
      'INVALID input.rules.attempts.0.hours',
      'INVALID input.rules.refuse.0.condition.attribute',
      'INVALID input.rules.states.0.state',
    ])
  })
})

describe('a version that was published', () => {
  it('is in the cache of all instances when the mutation returns, so another instance reads it without a statement', async () => {
    await addMarket(scratch.db, 'written')
    const write = (name: string, input: object, fields: string) => mutate(name, { ...input }, fields, 'ADMIN', 'written')
    const rules = await write('saveRuleSetDraft', { rules: { consentRequired: true } }, 'ruleSet { id version }')
    const plan = await write('createRoutingPlan', { name: 'Written through', plan: {} }, 'version { id version }')
    await write('publishRuleSet', rules.ruleSet, 'ruleSet { id }')
    await write('publishRoutingPlan', { draftId: plan.version.id, version: plan.version.version }, 'version { id }')
    await other.ask('written', 'ADMIN', 'mutation { refreshAnalytics { correctedRows } }')

    const fields = '__typename ... on ComplianceRuleSet { consentRequired status } ... on RoutingPlanVersion { strategy status }'
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ${fields} } }`
    other.takeStatements()
    const { data } = await other.ask('written', 'VIEWER', query, { ids: [rules.ruleSet.id, plan.version.id] })
    expect(data.nodes).toEqual([
      { __typename: 'ComplianceRuleSet', consentRequired: true, status: 'PUBLISHED' },
      { __typename: 'RoutingPlanVersion', strategy: 'HIGHEST_BID', status: 'PUBLISHED' },
    ])
    expect(other.takeStatements()).toBe(0)
  })
})

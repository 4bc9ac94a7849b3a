import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { WriteContext } from '#src/gateway/contract/module.ts'
import { changeStatus, createCampaign, deleteCampaign, updateCampaign } from '#src/market/modules/campaigns/writes.ts'
import { generateDomains } from '#src/market/modules/domains/generate-domains.ts'
import type { CreateCampaignInput } from '#src/market/modules/schema-types.generated.ts'
import { WorkQueue } from '#src/market/rules/naming/work-queue.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const now = Date.parse('2026-03-01T10:00:00.000Z')
const queue = new WorkQueue()
let scratch: ScratchDatabase
let tenants = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())

const newMarket = () => addMarket(scratch.db, `campaigns-${++tenants}`)
const campaignOf = (id: number) => scratch.db.selectFrom('campaigns').selectAll().where('id', '=', id).executeTakeFirst()
const ownerOf = async ({ campaignId }: Market) => (await campaignOf(campaignId))?.ownerId ?? 0

function write<Result>({ tenant }: Market, work: (write: WriteContext) => Promise<Result>, userId = '1'): Promise<Result> {
  return inTransaction(scratch.db, (db) => work({ db, tenant, viewer: { tenant, userId, role: 'ADMIN' }, now }), { attempts: 5 })
}

const newCampaign: CreateCampaignInput = {
  name: ' Roofs ',
  budget: { amount: 1999, currency: 'USD' },
  keywords: ['roof', 'roof'],
  tlds: ['.COM'],
  patterns: [],
  startsAt: '2026-03-01T00:00:00.000Z',
}

describe('a new campaign', () => {
  it('is a draft owned by the caller, and its texts are stored in normalized form', async () => {
    const market = await newMarket()
    const ownerId = await ownerOf(market)
    const outcome = await write(market, (context) => createCampaign(context, newCampaign), String(ownerId))
    if ('errors' in outcome) throw new Error(JSON.stringify(outcome.errors))
    const { tenant: tenantId } = market
    const stored = {
      tenantId,
      ownerId,
      name: 'Roofs',
      status: 'DRAFT',
      budgetMinor: 1999,
      keywords: ['roof'],
      tlds: ['com'],
      version: 1,
      endsAt: null,
    }
    expect(await campaignOf(outcome.campaignId)).toMatchObject({
      ...stored,
      startsAt: newCampaign.startsAt,
      createdAt: new Date(now).toISOString(),
    })
  })

  it('stores its texts in Unicode form NFC, and each keyword once', async () => {
    const market = await newMarket()
    const texts = { name: ' Cafe\u0301 ', keywords: ['cafe\u0301', 'caf\u00e9'] }
    const outcome = await write(market, (context) => createCampaign(context, { ...newCampaign, ...texts }), String(await ownerOf(market)))
    if ('errors' in outcome) throw new Error(JSON.stringify(outcome.errors))
    expect(await campaignOf(outcome.campaignId)).toMatchObject({ name: 'Caf\u00e9', keywords: ['caf\u00e9'] })
  })

  it('is rejected if its tenant does not exist, with an error that asks for a new access token', async () => {
    const gone = { ...(await newMarket()), tenant: 'gone' }
    const message = 'The token names the tenant gone, which does not exist: ask for a new token.'
    await expect(write(gone, (context) => createCampaign(context, newCampaign))).rejects.toMatchObject({ code: 'NOT_FOUND', message })
  })

  it('requires an owner in the same tenant', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const ownerId = toGlobalId('User', await ownerOf(stranger))
    for (const [code, wrong] of [
      ['NOT_FOUND', { ...newCampaign, ownerId }],
      ['INVALID', { ...newCampaign, ownerId: 'nonsense' }],
      ['INVALID', { ...newCampaign, ownerId: '' }],
      ['NOT_FOUND', newCampaign],
    ] as const) {
      expect(await write(market, (context) => createCampaign(context, wrong), 'operator')).toMatchObject({
        errors: [{ code, field: ['input', 'ownerId'] }],
      })
    }
  })
})

describe('an update of a campaign', () => {
  it('changes only the given fields', async () => {
    const market = await newMarket()
    const before = await campaignOf(market.campaignId)
    expect(await write(market, (context) => updateCampaign(context, market.campaignId, { version: 1, name: 'New', endsAt: null }))).toEqual(
      { campaignId: market.campaignId },
    )
    expect(await campaignOf(market.campaignId)).toEqual({
      ...before,
      name: 'New',
      search: expect.stringContaining("'new'"), // The words of the name.
      version: 2,
      updatedAt: new Date(now).toISOString(),
    })
  })

  it('is rejected with the current version if another update was committed first', async () => {
    const market = await newMarket()
    const change = (name: string) => write(market, (context) => updateCampaign(context, market.campaignId, { version: 1, name }))
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, index) => change(`Name ${index}`)))
    const refused = outcomes.filter((outcome) => 'errors' in outcome)
    expect(refused).toHaveLength(7)
    for (const outcome of refused)
      expect(outcome).toMatchObject({
        errors: [{ code: 'CONFLICT', field: ['input', 'version'], message: expect.stringContaining('which is 2') }],
      })
    const winner = outcomes.findIndex((outcome) => !('errors' in outcome))
    expect(await campaignOf(market.campaignId)).toMatchObject({ name: `Name ${winner}`, version: 2 })
  })

  it('does not block new phone calls of the campaign before the update is committed', async () => {
    const market = await newMarket()
    await write(market, async (context) => {
      await updateCampaign(context, market.campaignId, { version: 1, name: 'Being changed' })
      await addCall(scratch.db, market)
    })
    const calls = await scratch.db.selectFrom('calls').select('id').where('campaignId', '=', market.campaignId).execute()
    expect(calls).toHaveLength(1)
  })

  it('compares a new end date with the stored start date', async () => {
    const market = await newMarket()
    const update = (version: number, patch: object) =>
      write(market, (context) => updateCampaign(context, market.campaignId, { version, ...patch }))
    await update(1, { startsAt: '2026-05-01T00:00:00.000Z' })
    expect(await update(2, { endsAt: '2026-04-01T00:00:00.000Z' })).toMatchObject({
      errors: [{ code: 'INVALID', field: ['input', 'endsAt'] }],
    })
    expect(await update(2, { endsAt: '2026-06-01T00:00:00.000Z' })).toEqual({ campaignId: market.campaignId })
  })

  it('returns "not found" and changes nothing for a campaign of another tenant', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const before = await campaignOf(market.campaignId)
    const notFound = { errors: [{ code: 'NOT_FOUND' }] }
    expect(await write(stranger, (context) => updateCampaign(context, market.campaignId, { version: 1, name: 'Mine' }))).toMatchObject(
      notFound,
    )
    expect(await write(stranger, (context) => changeStatus(context, market.campaignId, null, 'archive'))).toMatchObject(notFound)
    expect(await write(stranger, (context) => deleteCampaign(context, market.campaignId, null))).toMatchObject(notFound)
    expect(await write(stranger, (context) => generateDomains(context, queue, market.campaignId, { limit: 1, minScore: 0 }))).toMatchObject(
      notFound,
    )
    expect(await campaignOf(market.campaignId)).toEqual(before)
  })
})

describe('the status of a campaign', () => {
  it('changes only along the defined transitions', async () => {
    const market = await newMarket()
    await scratch.db.updateTable('campaigns').set({ status: 'DRAFT' }).where('id', '=', market.campaignId).execute()
    const step = async (transition: 'pause' | 'resume' | 'archive') => {
      const outcome = await write(market, (context) => changeStatus(context, market.campaignId, null, transition))
      return 'errors' in outcome ? outcome.errors[0]?.code : (await campaignOf(market.campaignId))?.status
    }
    expect(await step('pause')).toBe('INVALID_STATE')
    expect(await step('resume')).toBe('ACTIVE')
    expect(await step('resume')).toBe('INVALID_STATE')
    expect(await step('pause')).toBe('PAUSED')
    expect(await step('archive')).toBe('ARCHIVED')
    expect(await step('resume')).toBe('INVALID_STATE')
    expect(await step('archive')).toBe('INVALID_STATE')
    expect(await write(market, (context) => updateCampaign(context, market.campaignId, { version: 4, name: 'x' }))).toMatchObject({
      errors: [{ code: 'INVALID_STATE' }],
    })
  })
})

describe('the mutation that generates domain names for a campaign', () => {
  const generate = (market: Market, input: Partial<Parameters<typeof generateDomains>[3]> = {}, campaignId = market.campaignId) =>
    write(market, (context) => generateDomains(context, queue, campaignId, { limit: 40, minScore: 0, ...input }))
  const namesOf = async ({ tenant }: Market) =>
    (await scratch.db.selectFrom('domains').select('name').where('tenantId', '=', tenant).execute()).map(({ name }) => name)

  it('stores the requested number of new names, and each name once', async () => {
    const market = await newMarket()
    const first = await generate(market)
    expect(first).toMatchObject({ count: 40, errors: [] })
    expect(first.domainIds).toHaveLength(40)
    const second = await generate(market, {}, market.otherCampaignId)
    expect(second.count).toBe(40)
    const names = await namesOf(market)
    expect(new Set(names).size).toBe(80)
    for (const name of names) expect(name).toMatch(/roof.*\.com$/)
  })

  it('stops early if there are no more names', async () => {
    const market = await newMarket()
    const input = { keywords: ['zebra'], tlds: ['com', 'net'], patterns: ['{keyword}', 'my{keyword}'] }
    expect(await generate(market, input)).toMatchObject({ count: 4, errors: [] })
    expect(await generate(market, input)).toEqual({ count: 0, domainIds: [], errors: [] })
    expect((await namesOf(market)).sort()).toEqual(['myzebra.com', 'myzebra.net', 'zebra.com', 'zebra.net'])
  })

  it('stores each name once even if two such mutations run at the same time', async () => {
    const market = await newMarket()
    const results = await Promise.all([generate(market, { limit: 300 }), generate(market, { limit: 300 }, market.otherCampaignId)])
    const names = await namesOf(market)
    expect(new Set(names).size).toBe(results.reduce((sum, { count }) => sum + count, 0))
  })

  it('reports what is wrong with its input, and then stores nothing', async () => {
    const market = await newMarket()
    for (const [input, field] of [
      [{ limit: 0 }, 'limit'],
      [{ limit: 10_001 }, 'limit'],
      [{ minScore: 101 }, 'minScore'],
      [{ keywords: [] }, 'keywords'],
      [{ tlds: ['nosuchtld'] }, 'tlds'],
      [{ patterns: ['{x}'] }, 'patterns'],
    ] as const) {
      expect(await generate(market, input)).toMatchObject({ count: 0, errors: [{ code: 'INVALID', field: ['input', field] }] })
    }
    expect(await namesOf(market)).toEqual([])
  })
})

describe('the mutation that deletes a campaign', () => {
  it('also deletes the domain names of the campaign, and is rejected if a given version is not the current version', async () => {
    const market = await newMarket()
    await write(market, (context) => generateDomains(context, queue, market.campaignId, { limit: 3, minScore: 0 }))
    expect(await write(market, (context) => deleteCampaign(context, market.campaignId, 7))).toMatchObject({
      errors: [{ code: 'CONFLICT' }],
    })
    expect(await write(market, (context) => deleteCampaign(context, market.campaignId, 1))).toEqual({ campaignId: market.campaignId })
    expect(await campaignOf(market.campaignId)).toBeUndefined()
    expect(await scratch.db.selectFrom('domains').select('id').where('tenantId', '=', market.tenant).execute()).toEqual([])
  })
})

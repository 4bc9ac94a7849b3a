import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { userError } from '#src/gateway/contract/user-error.ts'
import { liveDomainType } from '#src/market/modules/domains/entity.ts'
import { type StatusChange, setDomainsStatus, unlessNameTaken } from '#src/market/modules/domains/writes.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

let scratch: ScratchDatabase
let tenants = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())

const newMarket = () => addMarket(scratch.db, `domains-${++tenants}`)

async function addDomain({ tenant, campaignId }: Market, name: string, status: StatusChange['status'] = 'REGISTERED'): Promise<number> {
  const [sld = '', tld = ''] = name.split('.')
  const values = { tenantId: tenant, campaignId, name, sld, tld, terms: [sld], status, popularityRank: null, score: 50 }
  return (await scratch.db.insertInto('domains').values(values).returning('id').executeTakeFirstOrThrow()).id
}

const setStatus = ({ tenant }: Market, ids: readonly (number | null)[], status: StatusChange['status'], version: number | null = null) =>
  unlessNameTaken(() =>
    inTransaction(
      scratch.db,
      (db) => {
        const domains = ids.map((id, index) => {
          const path = ['input', 'ids', String(index)]
          return { id: id ?? userError('INVALID', 'It is no id.', path), path, version }
        })
        return setDomainsStatus({ db, tenant, viewer: { tenant, userId: '1', role: 'EDITOR' }, now: Date.now() }, { domains, status })
      },
      { attempts: 5 },
    ),
  )

describe('a mutation that changes the status of domain names', () => {
  it('changes each domain name whose status allows the change, and returns an error for each other domain name', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const [ready, early, foreign] = [
      await addDomain(market, 'ready.com'),
      await addDomain(market, 'early.com', 'GENERATED'),
      await addDomain(stranger, 'foreign.com'),
    ]
    const outcome = await setStatus(market, [ready, early, foreign, null, ready], 'LIVE')
    expect(outcome.changed).toEqual([ready])
    expect(outcome.errors).toMatchObject([
      { code: 'INVALID_STATE', field: ['input', 'ids', '1'], message: expect.stringContaining('REGISTERED or REJECTED') },
      { code: 'NOT_FOUND', field: ['input', 'ids', '2'] },
      { code: 'INVALID', field: ['input', 'ids', '3'] },
    ])
    expect(
      await scratch.db
        .selectFrom('domains')
        .select(['status', 'version'])
        .where('id', 'in', [ready, early, foreign])
        .orderBy('id')
        .execute(),
    ).toEqual([
      { status: 'LIVE', version: 2 },
      { status: 'GENERATED', version: 1 },
      { status: 'REGISTERED', version: 1 },
    ])
  })

  it('does not overwrite a change that another caller committed first', async () => {
    const market = await newMarket()
    const id = await addDomain(market, 'versioned.com')
    expect((await setStatus(market, [id], 'LIVE', 2)).errors).toMatchObject([
      { code: 'CONFLICT', field: ['input', 'ids', 'version'], message: expect.stringContaining('which is 1') },
    ])
    expect(await setStatus(market, [id], 'LIVE', 1)).toEqual({ changed: [id], errors: [] })
  })

  it('makes a name LIVE for only one tenant, even if several tenants try at the same time', async () => {
    const markets = await Promise.all([1, 2, 3, 4].map(newMarket))
    const ids = await Promise.all(markets.map((market) => addDomain(market, 'wanted.com')))
    const outcomes = await Promise.all(markets.map((market, index) => setStatus(market, [ids[index] ?? 0], 'LIVE')))
    expect(outcomes.filter(({ changed }) => changed.length === 1)).toHaveLength(1)
    for (const { changed, errors } of outcomes) if (changed.length === 0) expect(errors).toMatchObject([{ code: 'NAME_TAKEN' }])
    const read = { db: scratch.db, tenant: 'public', now: Date.now() }
    expect(await liveDomainType.loadMany(read, ['wanted.com', 'nowhere.com'])).toEqual([
      { id: 'wanted.com', name: 'wanted.com', tld: 'com', status: 'LIVE', popularityRank: null },
      null,
    ])
  })

  it('accepts 1 to 1000 domain names', async () => {
    const market = await newMarket()
    for (const ids of [[], Array.from({ length: 1001 }, (_, index) => index + 1)]) {
      expect(await setStatus(market, ids, 'LIVE')).toMatchObject({ changed: [], errors: [{ code: 'INVALID' }] })
    }
  })
})

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { unlessTaken } from '#src/engine/postgres/unique-violation.ts'
import type { WriteContext } from '#src/gateway/contract/module.ts'
import { createBuyer, unlessNameTaken, updateBuyer } from '#src/market/modules/buyers/writes.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const zones = new TimeZones()
const defaults = { states: [], maxConcurrentCalls: 10, minDurationSeconds: 0, active: true, timeZone: 'UTC', caps: [] }
const taken = (name: string) => ({
  errors: [{ code: 'NAME_TAKEN', message: `Another buyer is called "${name}": choose another name.`, field: ['input', 'name'] }],
})

describe('the name of a buyer', () => {
  let scratch: ScratchDatabase
  let market: Market

  beforeAll(async () => {
    scratch = await createScratchDatabase()
    market = await addMarket(scratch.db, 'acme')
  })
  afterAll(() => scratch?.drop())

  function write<Result>(work: (write: WriteContext) => Promise<Result>): Promise<Result> {
    const { tenant } = market
    const viewer = { tenant, userId: '1', role: 'ADMIN' } as const
    return inTransaction(scratch.db, (db) => work({ db, tenant, viewer, now: Date.now() }), { attempts: 5 })
  }
  const create = (name: string) => unlessNameTaken(name, () => write((context) => createBuyer(context, { name, ...defaults })))
  const rename = (id: number, version: number, name: string) =>
    unlessNameTaken(name, () => write((context) => updateBuyer(context, zones, id, { version, name })))

  it('is given to only one of several buyers that request the same name at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => create('Wanted')))
    expect(outcomes.filter((outcome) => 'buyerId' in outcome)).toHaveLength(1)
    expect(outcomes.filter((outcome) => 'errors' in outcome)).toEqual(Array.from({ length: 3 }, () => taken('Wanted')))
  })

  it('counts as taken even if its accents are encoded differently or if spaces surround the name', async () => {
    expect(await create('Andr\u00e9')).toHaveProperty('buyerId')
    expect(await create(' Andre\u0301 ')).toEqual(taken('Andr\u00e9'))
    const [ada = 0] = market.buyerIds
    expect(await rename(ada, 1, 'Andre\u0301')).toEqual(taken('Andr\u00e9'))
    expect(await rename(ada, 1, ' Ada ')).toEqual({ buyerId: ada })
  })

  it('is not reported as taken if another constraint rejects the write', async () => {
    const again = () => sql`insert into tenants (id, name, currency) values ('acme', 'Acme', 'USD')`.execute(scratch.db)
    await expect(unlessTaken('buyers_tenant_id_name_key', again, () => 'taken')).rejects.toMatchObject({ code: '23505' })
    expect(await unlessTaken('tenants_pkey', again, () => 'taken')).toBe('taken')
  })
})

import { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { ReadContext } from '#src/gateway/contract/module.ts'
import { checkReads } from '#src/gateway/graphql/execution/checked-reads.ts'
import { sampleReads } from '#src/gateway/graphql/execution/sampled-reads.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { dummyDialect } from './dummy-dialect.ts'

const db = new Kysely<Database>({ dialect: dummyDialect })
const read: ReadContext = { db, tenant: 't1', now: 0 }
const covered = new Map([
  ['Query.bids', new Set(['bids'])],
  ['Bid', new Set(['bids'])],
  ['Query.pure', new Set<string>()],
])
const checked = (...tables: string[]) => checkReads(async (work) => ({ result: await work(db), tables }), covered)

describe('a load in development, where its table reads are checked,', () => {
  it('succeeds if it read only declared tables', async () => {
    expect(await checked('bids')('Query.bids', read, async () => 1)).toBe(1)
    expect(await checked()('Query.bids', read, async () => 2)).toBe(2)
    expect(await checked()('Query.pure', read, async ({ tenant }) => tenant)).toBe('t1')
  })

  it('fails with an error that names the field, the table and the remedy if it read another table', async () => {
    await expect(checked('bids', 'calls', 'buyers')('Query.bids', read, async () => 1)).rejects.toThrow(
      /^Query\.bids reads buyers, calls, whose changes would not invalidate it\. Add the type of each table to its @cache\(depends:\)/,
    )
    await expect(checked('calls')('Bid', read, async () => 1)).rejects.toThrow(
      /^Bid reads calls, .* Load the type from its own table alone/,
    )
  })

  it('fails if it reads any table and declares depends: []', async () => {
    const load = ({ db }: ReadContext) => db.selectFrom('bids').selectAll().execute()
    await expect(checked()('Query.pure', read, load)).rejects.toThrow('Query.pure reads the database, but its @cache says depends: [].')
  })
})

describe('a load in production, where its table reads are only observed,', () => {
  const sample = (tables: readonly string[] | Error, isChosen = true) => {
    const told: (readonly [string, readonly string[]])[] = []
    const sampler = {
      observe: async <Result>(work: (db: ReadContext['db']) => Promise<Result>) => {
        const result = await work(db)
        if (tables instanceof Error) throw tables
        return { result, tables }
      },
      isChosen: () => isChosen,
      onObserved: (field: string, undeclared: readonly string[]) => void told.push([field, undeclared]),
    }
    return { told, load: sampleReads(sampler, covered) }
  }

  it('succeeds whatever tables it read, and reports undeclared tables', async () => {
    const { told, load } = sample(['bids', 'calls'])
    expect(await load('Query.bids', read, async () => 1)).toBe(1)
    expect(told).toEqual([['Query.bids', ['calls']]])
  })

  it('is reported even if it read only declared tables, so that operators can see that the observation runs', async () => {
    const { told, load } = sample(['bids'])
    expect(await load('Query.bids', read, async () => 1)).toBe(1)
    expect(told).toEqual([['Query.bids', []]])
  })

  it('can use the database even if it declares depends: [], and such a read is reported', async () => {
    const { told, load } = sample([])
    const compile = async ({ db }: ReadContext) => db.selectFrom('bids').selectAll().compile().sql
    expect(await load('Query.pure', read, compile)).toBe('select * from "bids"')
    expect(await load('Query.pure', read, async ({ tenant }) => tenant)).toBe('t1')
    expect(told).toEqual([
      ['Query.pure', ['any']],
      ['Query.pure', []],
    ])
  })

  it('succeeds if only the observation fails, and fails with its own error if the load itself fails', async () => {
    const { told, load } = sample(new Error('no connection'))
    expect(await load('Query.bids', read, async () => 1)).toBe(1)
    await expect(load('Query.bids', read, () => Promise.reject(new Error('no such column')))).rejects.toThrow('no such column')
    expect(told).toEqual([])
  })

  it('is repeated without observation if it fails only because the observation runs the load in a transaction', async () => {
    const { load } = sample([])
    const attempts: ReadContext[] = []
    const failing = async (context: ReadContext) => {
      attempts.push(context)
      if (attempts.length === 1) throw new Error('the transaction is aborted')
      return 1
    }
    expect(await load('Query.bids', read, failing)).toBe(1)
    expect(attempts[1]).toBe(read)
  })

  it('does not affect concurrent loads that are not observed', async () => {
    const { told, load } = sample(['calls'], false)
    expect(await load('Query.bids', read, async (context) => context === read)).toBe(true)
    expect(told).toEqual([])
  })
})

import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { describe, expect, it } from 'vitest'
import { checkReads } from '../../src/graphql/checked-reads.ts'
import type { ReadContext } from '../../src/modules/module.ts'
import type { Database } from '../../src/postgres/tables.ts'

const db = new Kysely<Database>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
const read: ReadContext = { db, tenant: 't1', now: 0 }
const covered = new Map([
  ['Query.bids', new Set(['bids'])],
  ['Bid', new Set(['bids'])],
  ['Query.pure', new Set<string>()],
])
const checked = (...tables: string[]) => checkReads(async (work) => ({ result: await work(db), tables }), covered)

describe('a load that is checked', () => {
  it('gives its result where it read what was declared, or less', async () => {
    expect(await checked('bids')('Query.bids', read, async () => 1)).toBe(1)
    expect(await checked()('Query.bids', read, async () => 2)).toBe(2)
    expect(await checked()('Query.pure', read, async ({ tenant }) => tenant)).toBe('t1')
  })

  it('fails with field, table and remedy where it read more', async () => {
    await expect(checked('bids', 'calls', 'buyers')('Query.bids', read, async () => 1)).rejects.toThrow(
      /^Query\.bids reads buyers, calls, whose changes would not invalidate it\. Add the type of each table to its @cache\(depends:\)/,
    )
    await expect(checked('calls')('Bid', read, async () => 1)).rejects.toThrow(
      /^Bid reads calls, .* Load the type from its own table alone/,
    )
  })

  it('fails where it reads anything and says depends: []', async () => {
    const load = ({ db }: ReadContext) => db.selectFrom('bids').selectAll().execute()
    await expect(checked()('Query.pure', read, load)).rejects.toThrow('Query.pure reads the database, but its @cache says depends: [].')
  })
})

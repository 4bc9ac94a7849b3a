import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { type MarketDatabase, openMarketDatabase } from '#src/market/tables/database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const options = { poolSize: 2, statementTimeoutMs: 400, onError: () => undefined }

describe.each([['PostgreSQL'], ['the embedded PostgreSQL']])('the values of columns read from %s', (backEnd) => {
  let test: TestDatabase | undefined
  let handle: MarketDatabase

  beforeAll(async () => {
    test = backEnd === 'PostgreSQL' ? await createDatabase() : undefined
    handle = await openMarketDatabase(test ? { url: test.url, ...options } : { dataDir: null, ...options })
  })
  afterAll(async () => {
    await handle?.close()
    await test?.drop()
  })

  it('are numbers, ISO strings and dates, alone and in arrays', async () => {
    const { rows } =
      await sql`select 9007199254740991::int8 as big, '2026-03-01 10:00:00.12+02'::timestamptz(3) as moment, '2026-03-01'::date as day,
      '{1,NULL,3}'::int8[] as bigs, array['2026-03-01 10:00+00'::timestamptz, null] as moments, array['2026-03-01'::date] as days,
      null::int8 as nothing, count(*) as counted from generate_series(1, 3)`.execute(handle.db)
    expect(rows).toEqual([
      {
        big: 9007199254740991,
        moment: '2026-03-01T08:00:00.120Z',
        day: '2026-03-01',
        bigs: [1, null, 3],
        moments: ['2026-03-01T10:00:00.000Z', null],
        days: ['2026-03-01'],
        nothing: null,
        counted: 3,
      },
    ])
  })

  it('cause an error if a JavaScript number cannot represent them exactly', async () => {
    await expect(sql`select 9007199254740993::int8 as big`.execute(handle.db)).rejects.toThrow(/too large/)
  })

  it('can be passed as parameters if they are arrays, dates or times', async () => {
    const { rows } =
      await sql`select ${['1', '2']}::int8[] as ids, ${[3, 4]}::int8[] as numbers, ${['a,b', 'c"d\\', '', null]}::text[] as texts, ${[]}::text[] as none,
      ${['2026-03-01T10:00:00.000Z']}::timestamptz[] as moments, ${'2026-03-01T10:00:00.000Z'}::timestamptz as moment, ${'2026-03-01'}::date as day, ${true}::boolean as truth`.execute(
        handle.db,
      )
    expect(rows).toEqual([
      {
        ids: [1, 2],
        numbers: [3, 4],
        texts: ['a,b', 'c"d\\', '', null],
        none: [],
        moments: ['2026-03-01T10:00:00.000Z'],
        moment: '2026-03-01T10:00:00.000Z',
        day: '2026-03-01',
        truth: true,
      },
    ])
  })

  it('include figures of the server and of the invalidation log, which is missing before the first migration', async () => {
    const { tables, version, connections, maxConnections } = await handle.readFigures(5000)
    expect(version).toMatch(/^\d+\.\d+$/)
    expect(connections).toBeLessThanOrEqual(maxConnections)
    expect(tables.map(({ name }) => name)).toEqual(backEnd === 'PostgreSQL' ? ['log', 'pending'] : [])
  })
})

describe('the connections of the pool', () => {
  let test: TestDatabase

  beforeAll(async () => {
    test = await createDatabase()
  })
  afterAll(() => test?.drop())

  const backend = async ({ db }: MarketDatabase) => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid

  it('are not used after a change of the database timeline (failover or restore) if they were opened before the change', async () => {
    const handle = await openMarketDatabase({ url: test.url, ...options, poolSize: 1 })
    const before = await backend(handle)
    expect(await backend(handle)).toBe(before)
    handle.renewConnections()
    expect(await backend(handle)).not.toBe(before)
    await handle.close()
  })

  it('are not used after a change of the database timeline if they were being opened at the moment of the change', async () => {
    const handle = await openMarketDatabase({ url: test.url, ...options, poolSize: 1 })
    const opening = backend(handle)
    await new Promise((resolve) => setImmediate(resolve))
    handle.renewConnections()
    const used = await opening
    expect(await backend(handle)).toBe(used)
    const [row] = await test.query(
      "select count(*)::int as sessions from pg_stat_activity where application_name = 'tidegate' and pid = $1",
      [used],
    )
    expect(row?.['sessions']).toBe(1)
    await handle.close()
  })

  it('do not include a connection after a statement on it took too long; the error counts as an unavailable database', async () => {
    const handle = await openMarketDatabase({ url: test.url, ...options, poolSize: 1 })
    const before = await backend(handle)
    const error = await sql`select pg_sleep(5)`.execute(handle.db).catch((thrown: unknown) => thrown)
    expect(isUnavailable(error)).toBe(true)
    expect(await backend(handle)).not.toBe(before)
    await handle.close()
  })

  it('cause an error only in the next statement if they are lost between two statements of a transaction', async () => {
    const handle = await openMarketDatabase({ url: test.url, ...options, poolSize: 1 })
    const lost = handle.db.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction)
      await test.query('select pg_terminate_backend($1)', [rows[0]?.pid])
      await expect.poll(() => test.query('select from pg_stat_activity where pid = $1', [rows[0]?.pid])).toEqual([])
      await sql`select 1`.execute(transaction)
    })
    const error = await lost.catch((thrown: unknown) => thrown)
    expect(isUnavailable(error)).toBe(true)
    await expect(handle.ping(2000)).resolves.toBeDefined()
    await handle.close()
  })

  it('are replaced if the server closes them while they are idle', async () => {
    const errors: Error[] = []
    const handle = await openMarketDatabase({ url: test.url, ...options, poolSize: 1, onError: (error) => void errors.push(error) })
    const before = await backend(handle)
    await test.query('select pg_terminate_backend($1)', [before])
    await expect.poll(() => errors.length).toBe(1)
    expect(await backend(handle)).not.toBe(before)
    await handle.close()
  })
})

import { CompiledQuery, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { causeOf, type InvalidationLog, type LogRow, lagOf } from '#src/engine/cache/index.ts'
import { MAX_CAUSES, MAX_TAGS_OF_CAUSE, OTHER_CAUSES } from '#src/engine/cache/model/write-cause.ts'
import { migration as writesByTransaction } from '#src/engine/postgres/migrations/0022-writes-by-transaction.ts'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import {
  addMarket,
  createEmbeddedScratchDatabase,
  createScratchDatabase,
  type Market,
  type ScratchDatabase,
} from '../modules/scratch-database.ts'

const DEADLINE_MS = 10_000

describe.each([
  ['PostgreSQL', createScratchDatabase],
  ['the embedded PostgreSQL', createEmbeddedScratchDatabase],
])('the causes in the invalidation log of %s', (_, create) => {
  let scratch: ScratchDatabase
  let log: InvalidationLog
  let market: Market
  let head = 0

  beforeAll(async () => {
    scratch = await create()
    log = scratch.handle.openLog()
    market = await addMarket(scratch.db, 'acme')
    await news()
  }, 60_000)
  afterAll(async () => {
    await log?.close()
    await scratch?.drop()
  })

  const news = async (): Promise<readonly LogRow[]> => {
    const rows = head === 0 ? await log.sync(null, 1, DEADLINE_MS) : (await log.sync(head, 1000, DEADLINE_MS)).slice(1)
    head = rows.at(-1)?.seq ?? head
    return rows
  }
  const change = (name: string, cause: string | undefined) =>
    inTransaction(scratch.db, (transaction) => transaction.updateTable('tenants').set({ name }).where('id', '=', market.tenant).execute(), {
      attempts: 1,
      cause,
    })

  it('contain the cause of a transaction, which counts as one write, and its time by the clock of the database', async () => {
    let before = 0
    await log.sync(head, 10, DEADLINE_MS, (now) => {
      before = now
    })
    await change('A', 'mutation updateCampaign')
    const [row] = await news()
    let after = 0
    await log.sync(head, 10, DEADLINE_MS, (now) => {
      after = now
    })
    expect(row?.causes).toEqual([
      {
        cause: 'mutation updateCampaign',
        writes: 1,
        firstAt: row?.causes[0]?.firstAt,
        lastAt: row?.causes[0]?.firstAt,
        tagCount: row?.tags.length,
      },
    ])
    expect(row?.causes[0]?.firstAt).toBeGreaterThanOrEqual(before)
    expect(row?.causes[0]?.firstAt).toBeLessThanOrEqual(after)
    expect(lagOf(row?.causes ?? [], after)).toBe(after - (row?.causes[0]?.firstAt ?? 0))
  })

  it('do not pass to the next transaction of the same connection', async () => {
    await change('B', 'mutation updateCampaign')
    await news()
    // One connection at a time is in use, so the pool gives the same connection again.
    await change('C', undefined)
    const causes = (await news()).flatMap((row) => row.causes)
    expect(causes.map(({ cause }) => cause)).toEqual([scratch.url === '' ? 'program without a name' : 'program tidegate'])
  })

  it('keep the tags of each cause apart if one row of the log stands for several causes', async () => {
    await change('D', 'mutation updateCampaign')
    await change('E', 'mutation updateCampaign')
    await log.append(['acme:Thing:1', 'acme:Thing:2'], causeOf('operator', 'Ada: wrong price'))
    const [row] = await news()
    expect(row?.causes.map(({ cause, writes, tags, tagCount }) => ({ cause, writes, tags, tagCount }))).toEqual([
      { cause: 'mutation updateCampaign', writes: 2, tags: expect.any(Array), tagCount: row?.causes[0]?.tags?.length },
      { cause: 'operator Ada: wrong price', writes: 1, tags: ['acme:Thing:1', 'acme:Thing:2'], tagCount: 2 },
    ])
    expect([...(row?.causes ?? []).flatMap(({ tags = [] }) => tags)].sort()).toEqual([...(row?.tags ?? [])].sort())
    expect(row?.causes[0]?.lastAt).toBeGreaterThan(row?.causes[0]?.firstAt ?? Number.POSITIVE_INFINITY)
  })

  /** Changes three rows in one transaction. */
  const changeThree = (cause: string) =>
    inTransaction(
      scratch.db,
      async (transaction) => {
        for (const name of ['F', 'G', 'H']) await transaction.updateTable('tenants').set({ name }).where('id', '=', market.tenant).execute()
      },
      { attempts: 1, cause },
    )
  const countsOf = (rows: readonly LogRow[]) => rows.flatMap(({ causes }) => causes.map(({ cause, writes }) => [cause, writes]))

  it('count each transaction once, however many statements it has, and find its last one', async () => {
    await news()
    await changeThree('mutation three')
    expect(countsOf(await news())).toEqual([['mutation three', 1]])
    await changeThree('mutation three')
    await changeThree('mutation three')
    await change('I', 'mutation one')
    expect(countsOf(await news())).toEqual([
      ['mutation three', 2],
      ['mutation one', 1],
    ])
  })

  it('are found to count statements with the functions of an older release', async () => {
    await news()
    await writesByTransaction.down?.(scratch.db)
    try {
      // The other functions are another catalogue, which the log notes with a row of its own.
      await news()
      await changeThree('mutation three')
      expect(countsOf(await news())).toEqual([['mutation three', 3]])
    } finally {
      await writesByTransaction.up(scratch.db)
      await news()
    }
  })

  it('are bounded in number, length and tags', async () => {
    for (let i = 0; i < 20; i++) await log.append([`acme:Thing:${i}`], `mutation m${String(i).padStart(2, '0')}`)
    await log.append(
      Array.from({ length: 100 }, (_, i) => `acme:Other:${i}`),
      'mutation many',
    )
    await log.append(['acme:Thing:1'], 'mutation many')
    await log.append(['acme:Thing:1'], 'x'.repeat(1000))
    const [row] = await news()
    expect(row?.causes).toHaveLength(MAX_CAUSES)
    expect(row?.causes[0]).toMatchObject({ cause: 'mutation many', writes: 2, tagCount: 101 })
    expect(row?.causes[0]?.tags).toHaveLength(MAX_TAGS_OF_CAUSE)
    expect(row?.causes.reduce((sum, { writes }) => sum + writes, 0)).toBe(23)
    expect(row?.causes.at(-1)).toMatchObject({ cause: OTHER_CAUSES, writes: 7 })
    await log.append(['acme:Thing:1'], 'y'.repeat(1000))
    expect((await news())[0]?.causes[0]?.cause).toBe('y'.repeat(200))
  })

  it('name a new epoch and a change of the triggers, which invalidate everything without a write', async () => {
    await log.bump(DEADLINE_MS)
    expect((await news())[0]?.causes).toMatchObject([{ cause: 'system new epoch', writes: 0 }])
    await scratch.handle.unhurried(async (db) => {
      await sql`select cache.unwatch('CampaignTotal')`.execute(db)
    })
    expect((await news()).flatMap(({ causes }) => causes)[0]).toMatchObject({ cause: 'system tables or triggers changed', writes: 0 })
  })

  it.each([
    ["x'; drop table cache.log; --"],
    ["'); delete from campaigns; --"],
    ['\\'],
    ["\\'; commit; --"],
    ['mutation a\u0000b\nc'],
    ['operator Ådá 🔑: price'],
  ])('contain the text %j as it is, and run none of it', async (text) => {
    const cause = causeOf('operator', text)
    await change(`F ${text.length}`, cause)
    expect((await news()).flatMap(({ causes }) => causes.map((one) => one.cause))).toEqual([cause])
  })
})

describe('the causes of writes by other programs', () => {
  let scratch: ScratchDatabase
  let log: InvalidationLog
  let market: Market

  beforeAll(async () => {
    scratch = await createScratchDatabase()
    log = scratch.handle.openLog()
    market = await addMarket(scratch.db, 'acme')
  })
  afterAll(async () => {
    await log?.close()
    await scratch?.drop()
  })

  const causesOf = async (application: string | undefined, ...statements: readonly string[]) => {
    const [last] = await log.sync(null, 1, DEADLINE_MS)
    const client = new pg.Client({ connectionString: scratch.url, ...(application === undefined ? {} : { application_name: application }) })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
    const rows = await log.sync(last?.seq ?? 0, 100, DEADLINE_MS)
    return rows.slice(1).flatMap(({ causes }) => causes.map(({ cause }) => cause))
  }

  it('are the names of the programs, and the name of a mutation cannot be forged by them', async () => {
    const update = `update campaigns set name = 'G' where id = ${market.campaignId}`
    expect(await causesOf('nightly-import', update)).toEqual(['program nightly-import'])
    expect(await causesOf('mutation createCampaign', update)).toEqual(['program mutation createCampaign'])
    expect(await causesOf(undefined, update)).toEqual(['program without a name'])
    expect(await causesOf('psql', 'begin', "set local tidegate.cause = 'program psql: month end'", update, 'commit')).toEqual([
      'program psql: month end',
    ])
  })

  it('are stored by older releases, too, whose functions and statements still work', async () => {
    const run = (statement: string, parameters: readonly unknown[]) =>
      scratch.db.withoutPlugins().executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement, [...parameters]))
    const [last] = await log.sync(null, 1, DEADLINE_MS)
    await run('insert into cache.pending (tags) values ($1)', [['acme:Thing:1']])
    const { rows } = await run('select seq, epoch, tags, at from cache.sync($1, $2)', [last?.seq, 10])
    expect(rows.map(({ seq, tags }) => [Number(seq), tags])).toEqual([
      [last?.seq, last?.tags],
      [(last?.seq ?? 0) + 1, ['acme:Thing:1']],
    ])
    const newest = await run('select seq, epoch, tags, at from cache.recent($1)', [1])
    expect(newest.rows[0]).toMatchObject({ seq: rows[1]?.['seq'], tags: ['acme:Thing:1'] })
    const [, row] = await log.sync(last?.seq ?? 0, 10, DEADLINE_MS)
    expect(row?.causes).toMatchObject([{ cause: 'program tidegate', writes: 1 }])
  })
})

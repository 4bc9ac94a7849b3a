import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { statementRunner } from '#src/engine/postgres/run-statement.ts'
import { PurgeCursor } from '#src/operations/purging/purge-cursor.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'

let scratch: ScratchDatabase
let run: ReturnType<typeof statementRunner>

beforeAll(async () => {
  scratch = await createScratchDatabase()
  run = statementRunner(scratch.db)
})
afterAll(() => scratch?.drop())
beforeEach(() => run('truncate cache_edge_purges', []))

const A = '00000000-0000-4000-8000-00000000000a'
const B = '00000000-0000-4000-8000-00000000000b'
const POSITION = { epoch: 'e', seq: 7, at: 1_700_000_000_123 }

async function cursorOf(holder: string, edge = 'varnish:1'): Promise<PurgeCursor> {
  const cursor = new PurgeCursor({ run, edge, holder, leaseMs: 3000 })
  await cursor.create()
  return cursor
}
/** Ends all leases, as time does. */
const endLeases = () => run(`update cache_edge_purges set held_until = clock_timestamp() - interval '1 s'`, [])

describe('the cursor of an edge', () => {
  it('is held by one process at a time, also if many ask for it at once', async () => {
    const cursors = await Promise.all([A, B, A.replace('a', 'c'), A.replace('a', 'd')].map((holder) => cursorOf(holder)))
    const taken = await Promise.all(cursors.map((cursor) => cursor.take()))
    expect(taken.filter((position) => position !== undefined)).toEqual([null])
  })

  it('is taken with its position by another process when the lease has ended, and the former holder can move it no more', async () => {
    const [a, b] = [await cursorOf(A), await cursorOf(B)]
    await a.take()
    expect(await a.advance(POSITION)).toBe(true)
    expect(await b.take()).toBeUndefined()
    await endLeases()
    expect(await b.take()).toEqual(POSITION)
    expect(await a.renew()).toBe(false)
    expect(await a.advance({ ...POSITION, seq: 9 })).toBe(false)
    expect(await b.position()).toEqual(POSITION)
  })

  it('stays with its holder as long as the lease is prolonged, and is free at once when it is given back', async () => {
    const [a, b] = [await cursorOf(A), await cursorOf(B)]
    await a.take()
    await endLeases()
    expect(await a.renew()).toBe(true)
    expect(await b.take()).toBeUndefined()
    await a.release()
    expect(await b.take()).toBeNull()
  })

  it('belongs to one edge, and cursors of edges that nobody purges any more are deleted after 30 days', async () => {
    const [one, other] = [await cursorOf(A, 'varnish:1'), await cursorOf(B, 'varnish:2')]
    expect([await one.take(), await other.take()]).toEqual([null, null])
    await run(`update cache_edge_purges set held_until = clock_timestamp() - interval '31 days' where edge = 'varnish:2'`, [])
    await one.create()
    expect(await run('select edge from cache_edge_purges', [])).toEqual([{ edge: 'varnish:1' }])
  })

  it('reads the rows of the log after a position, and notices a position that is not in the log', async () => {
    const cursor = await cursorOf(A)
    const publish = () => run('select count(*) from cache.follow(0, 1)', [])
    // The database is a copy, so its log first gets a row with a new epoch.
    await publish()
    const start = await cursor.newestRow()
    for (const tag of ['public:Word:call', 'public:Word:bid']) {
      await run('insert into cache.pending (tags) values ($1)', [[tag]])
      await publish()
    }
    const rows = await cursor.rowsAfter(start, 10)
    expect(rows?.map(({ tags }) => tags)).toEqual([['public:Word:call'], ['public:Word:bid']])
    expect((await cursor.rowsAfter(start, 1))?.map(({ tags }) => tags)).toEqual([['public:Word:call']])
    expect(await cursor.newestRow()).toEqual(rows?.at(-1))
    expect(await cursor.rowsAfter(await cursor.newestRow(), 10)).toEqual([])
    for (const lost of [
      { ...start, seq: start.seq + 100 },
      { ...start, at: start.at + 1 },
      { ...start, epoch: 'another' },
    ])
      expect(await cursor.rowsAfter(lost, 10)).toBeUndefined()
  })
})

import { createServer, connect as dial, type Socket } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { CommitOutcomeUnknown, inTransaction } from '#src/engine/postgres/transaction.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { addMarket, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { createDatabase } from '../servers/database.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await createScratchDatabase()
})

afterAll(() => scratch?.drop())

it('After a deadlock, the failed transaction is repeated until both transactions are committed.', async () => {
  await sql`insert into tenants (id, name, currency) values ('a', '0', 'USD'), ('b', '0', 'USD')`.execute(scratch.db)
  let attempts = 0
  let arrived = 0
  const both = Promise.withResolvers<void>()
  const rename = (first: string, second: string, other: () => Promise<void>) => {
    let isRepeated = false
    return inTransaction(
      scratch.db,
      async (transaction) => {
        attempts++
        // Wait for the other transaction first. On a busy machine the repeated transaction could take its first lock
        // again too early, and both would deadlock again.
        if (isRepeated) await other()
        isRepeated = true
        await sql`update tenants set name = name || 'x' where id = ${first}`.execute(transaction)
        if (++arrived === 2) both.resolve()
        await both.promise
        await sql`update tenants set name = name || 'x' where id = ${second}`.execute(transaction)
      },
      { attempts: 3 },
    )
  }
  const one: Promise<void> = rename('a', 'b', () => other)
  const other: Promise<void> = rename('b', 'a', () => one)
  await Promise.all([one, other])
  expect(attempts).toBe(3)
  expect((await sql`select name from tenants where id in ('a', 'b')`.execute(scratch.db)).rows).toEqual([{ name: '0xx' }, { name: '0xx' }])
})

it('A transaction that a deferred constraint rejects at COMMIT is reported as failed.', async () => {
  const market = await addMarket(scratch.db, 'deferred')
  const work = inTransaction(
    scratch.db,
    async (transaction) => {
      await sql`insert into calls (tenant_id, campaign_id, caller_state, started_at, winning_bid_id) values ('deferred', ${market.campaignId}, 'CA', now(), 12345)`.execute(
        transaction,
      )
    },
    { attempts: 3 },
  )
  const error = await work.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: '23503' })
  expect(error).not.toBeInstanceOf(CommitOutcomeUnknown)
  await expect(sql`select 1`.execute(scratch.db)).resolves.toBeDefined()
})

it('A transaction with a failed statement is not reported as committed, even if the code ignored the error.', async () => {
  const work = inTransaction(
    scratch.db,
    async (transaction) => {
      await sql`insert into tenants (id, name, currency) values ('half', 'x', 'USD')`.execute(transaction)
      await sql`select 1 / 0`.execute(transaction).catch(() => undefined)
    },
    { attempts: 1 },
  )
  await expect(work).rejects.not.toBeInstanceOf(CommitOutcomeUnknown)
  expect((await sql`select 1 from tenants where id = 'half'`.execute(scratch.db)).rows).toEqual([])
})

it('A COMMIT whose response is lost causes a specific error, and the transaction is not repeated.', async () => {
  const test = await createDatabase()
  const server = new URL(test.url)
  const sockets: Socket[] = []
  // Forwards everything until COMMIT has been sent. Then the client receives nothing more, and a moment later the
  // connection is closed.
  const proxy = createServer((client) => {
    const upstream = dial(Number(server.port || 5432), server.hostname)
    sockets.push(client, upstream)
    let deaf = false
    client.on('data', (chunk) => {
      if (chunk.includes('commit')) {
        deaf = true
        setTimeout(() => client.destroy(), 100)
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (!deaf) client.write(chunk)
    })
    for (const [one, other] of [[client, upstream] as const, [upstream, client] as const]) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  const url = new URL(test.url)
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' ? address?.port : '')
  const handle = await openMarketDatabase({ url: url.href, poolSize: 1, statementTimeoutMs: 5000, onError: () => undefined })
  let runs = 0
  const work = inTransaction(
    handle.db,
    async (transaction) => {
      runs++
      await sql`insert into tenants (id, name, currency) values ('maybe', 'x', 'USD')`.execute(transaction)
    },
    { attempts: 3 },
  )
  const error = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CommitOutcomeUnknown)
  expect(isUnavailable(error)).toBe(true)
  expect(runs).toBe(1)
  expect(await test.query("select id from tenants where id = 'maybe'")).toEqual([{ id: 'maybe' }])
  await expect(handle.ping(2000)).resolves.toBeDefined()
  await handle.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => proxy.close(resolve))
  await test.drop()
})

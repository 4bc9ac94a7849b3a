import { describe, expect, it } from 'vitest'
import { GatewayError } from '#src/errors.ts'
import type { LiveStep } from '#src/gateway/live/live-options.ts'
import { CuttableLog } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { heldRunner } from './held-runner.ts'
import { NOTE, NOTES, startLiveGateway } from './live-gateway.ts'

/** Returns what a client sees of a note. */
const note = (text: string) => ({ note: { id: '1', text } })

describe('live queries', () => {
  it('A live query sends its result at once, and each new result after the write that changes it', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'old')
    await gateway.pass(100)
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(0)
    expect(reader.results.map(({ data }) => data)).toEqual([note('old')])
    await gateway.write(1, 'new')
    await gateway.pass(100)
    expect(reader.results.map(({ data }) => data)).toEqual([note('old'), note('new')])
  })

  it('All streams of one query share one execution for each batch of writes', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'old')
    await gateway.pass(100)
    const opened = []
    for (let index = 0; index < 50; index++) opened.push(await gateway.open(NOTE, { viewer: viewer('acme', 'VIEWER', `u${index}`) }))
    await gateway.pass(100)
    expect(gateway.live.counts).toMatchObject({ streams: 50, groups: 1 })
    const before = gateway.executions()
    for (const text of ['a', 'b', 'c']) await gateway.write(1, text)
    await gateway.pass(100)
    expect(gateway.executions() - before).toBe(1)
    for (const { reader } of opened) expect(reader.last?.data).toEqual(note('c'))
  })

  it('A write that concerns other values causes no execution', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'one')
    await gateway.write(2, 'two')
    await gateway.pass(100)
    await gateway.open(NOTE)
    await gateway.pass(100)
    const before = gateway.executions()
    await gateway.write(2, 'three')
    await gateway.pass(100)
    expect(gateway.executions()).toBe(before)
  })

  it('A result that did not change is not sent again', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'same')
    await gateway.pass(100)
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(100)
    await gateway.write(1, 'same')
    await gateway.pass(100)
    expect(gateway.executions()).toBe(2)
    expect(reader.results).toHaveLength(1)
  })

  it('Writes that come while the query is executed merge into one more execution', async () => {
    const held = heldRunner()
    await using gateway = await startLiveGateway({ wrap: held.wrap })
    await gateway.write(1, 'old')
    await gateway.pass(100)
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(100)
    const before = gateway.executions()
    held.hold()
    for (const text of ['a', 'b', 'c', 'd']) {
      await gateway.write(1, text)
      await gateway.pass(100)
    }
    held.letGo()
    await gateway.pass(500)
    expect(gateway.executions() - before).toBe(2)
    expect(reader.last?.data).toEqual(note('d'))
  })

  it.each([
    { omit: [], last: 'new', title: 'A write during the first execution reaches the stream' },
    { omit: ['changes during an execution'] as const, last: 'old', title: 'Without the check after an execution, such a write is missed' },
  ])('$title', async ({ omit, last }) => {
    const held = heldRunner()
    await using gateway = await startLiveGateway({ wrap: held.wrap, omit: new Set<LiveStep>(omit) })
    await gateway.write(1, 'old')
    await gateway.pass(100)
    held.hold()
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(0)
    await gateway.write(1, 'new')
    await gateway.pass(100)
    held.letGo()
    await gateway.pass(1000)
    expect(reader.last?.data).toEqual(note(last))
  })

  it('A result that depends on the user goes only to streams of that user', async () => {
    await using gateway = await startLiveGateway()
    const query = 'query Greeting @live { greeting }'
    const one = await gateway.open(query, { viewer: viewer('acme', 'VIEWER', 'u1') })
    const other = await gateway.open(query, { viewer: viewer('acme', 'VIEWER', 'u2') })
    await gateway.pass(0)
    expect([one.reader.last?.data, other.reader.last?.data]).toEqual([{ greeting: 'hello u1' }, { greeting: 'hello u2' }])
  })

  it('A query that reads past the cache is executed for each stream by itself, after each batch of writes', async () => {
    await using gateway = await startLiveGateway()
    const query = 'query Raw @live { raw note(id: "1") { text } }'
    await gateway.write(1, 'old')
    await gateway.pass(100)
    const { reader } = await gateway.open(query)
    await gateway.open(query)
    await gateway.pass(0)
    expect(gateway.live.counts).toMatchObject({ streams: 2, groups: 2 })
    await gateway.write(1, 'new')
    await gateway.pass(100)
    expect(reader.last?.data).toEqual({ raw: 'acme', note: { text: 'new' } })
  })

  it('A query with a value that changes without a write is executed again when its time has come', async () => {
    await using gateway = await startLiveGateway()
    const { reader } = await gateway.open('query Soon @live { soon }')
    await gateway.pass(4000)
    const before = gateway.executions()
    await gateway.pass(1500)
    expect(gateway.executions()).toBe(before + 1)
    expect(reader.results).toHaveLength(1)
  })

  it('With the cache off, live queries still see every write', async () => {
    await using gateway = await startLiveGateway({ enabled: false })
    await gateway.write(1, 'old')
    await gateway.pass(100)
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(0)
    await gateway.write(1, 'new')
    await gateway.pass(100)
    expect(reader.results.map(({ data }) => data)).toEqual([note('old'), note('new')])
  })

  it('A token of another instance makes the first result at least as new as that token', async () => {
    const env = new ManualEnv()
    const [store, log] = [new TinyStore(), new CuttableLog()]
    await using one = await startLiveGateway({ env, store, log })
    await using other = await startLiveGateway({ env, store, log })
    await one.write(1, 'old')
    await one.pass(100)
    await other.gateway.ask('{ note(id: "1") { id text } }', { viewer: viewer('acme') })
    const before = await one.open(NOTE)
    await one.pass(0)
    await one.write(1, 'new')
    await one.gateway.cache.acknowledge(one.gateway.cache.openSession())
    await one.pass(0)
    expect(before.reader.last?.data).toEqual(note('new'))
    expect(before.reader.events.at(-1)?.id).toBe(before.reader.token)
    const after = await other.open(NOTE, { tokens: before.reader.token })
    await other.pass(0)
    expect(after.reader.results.map(({ data }) => data)).toEqual([note('new')])
  })

  it('While the log cannot be read, each stream gets its last result once, marked as stale; afterwards it gets the newest one', async () => {
    const log = new CuttableLog()
    await using gateway = await startLiveGateway({ log })
    await gateway.write(1, 'old')
    await gateway.pass(100)
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(0)
    log.cut = true
    await gateway.write(1, 'new').catch(() => undefined)
    await gateway.pass(5000)
    expect(reader.results.map(({ data, extensions }) => [data, extensions?.stale?.reason])).toEqual([
      [note('old'), undefined],
      [note('old'), 'the invalidation log cannot be read'],
    ])
    log.cut = false
    await gateway.pass(2000)
    expect(reader.last).toMatchObject({ data: note('new') })
    expect(reader.last?.extensions?.stale).toBeUndefined()
  })

  it('A client that does not read keeps one result in memory, and is told why its stream ends', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'x'.repeat(1000))
    await gateway.pass(100)
    const { stream } = await gateway.open(NOTE, { reads: false })
    for (let index = 0; index < 50; index++) {
      await gateway.write(1, `${index}`.repeat(1000))
      await gateway.pass(100)
    }
    expect(stream.readableLength).toBeLessThan(5000)
    await gateway.pass(6000)
    expect(gateway.endings()).toEqual(['slow'])
    const text = Buffer.concat(await stream.take(5).toArray()).toString()
    expect(text).toContain('"code":"OVERLOADED"')
    expect(text).toContain('event: complete')
  })

  it('A client that never reads its last event is disconnected', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'one')
    await gateway.pass(100)
    const { stream } = await gateway.open(NOTE, { reads: false })
    await gateway.pass(100)
    await gateway.write(1, 'two')
    await gateway.pass(16_000)
    expect(stream.destroyed).toBe(true)
    expect(gateway.live.counts).toMatchObject({ streams: 0, groups: 0 })
  })

  it('A stream ends when the token of its caller is no longer valid, and sends no later result', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'old')
    await gateway.pass(100)
    let refused: GatewayError | undefined
    const { reader } = await gateway.open(NOTE, { standing: () => refused })
    await gateway.pass(0)
    refused = new GatewayError('UNAUTHENTICATED', 'The token has expired: get a new one.')
    await gateway.write(1, 'secret')
    await gateway.pass(100)
    expect(reader.results.map(({ data, errors }) => data ?? errors?.[0]?.extensions.code)).toEqual([note('old'), 'UNAUTHENTICATED'])
    expect([reader.isComplete, gateway.endings()]).toEqual([true, ['unauthenticated']])
  })

  it('A stream without results ends, too, within a second after its token was revoked', async () => {
    await using gateway = await startLiveGateway()
    let refused: GatewayError | undefined
    await gateway.open(NOTE, { standing: async () => refused })
    await gateway.pass(2000)
    refused = new GatewayError('UNAUTHENTICATED', 'The token was revoked.')
    await gateway.pass(1250)
    expect(gateway.endings()).toEqual(['unauthenticated'])
  })

  it('While the standing of a caller cannot be read, its stream sends nothing and stays open', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'old')
    await gateway.pass(100)
    let refused: GatewayError | undefined
    const { reader } = await gateway.open(NOTE, { standing: () => refused })
    await gateway.pass(0)
    refused = new GatewayError('UNAVAILABLE')
    await gateway.write(1, 'new')
    await gateway.pass(3000)
    expect(reader.results).toHaveLength(1)
    refused = undefined
    await gateway.pass(1500)
    expect(reader.last?.data).toEqual(note('new'))
  })

  it('Streams beyond the limits are refused, and a stream that ends makes room', async () => {
    await using gateway = await startLiveGateway({ maxStreams: 3, maxStreamsPerCaller: 2 })
    const { stream } = await gateway.open(NOTE)
    await gateway.open(NOTE)
    await expect(gateway.open(NOTE)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('LIVE_MAX_STREAMS_PER_CALLER'),
    })
    await gateway.open(NOTE, { caller: 'acme:u2' })
    await expect(gateway.open(NOTE, { caller: 'acme:u3' })).rejects.toMatchObject({ code: 'OVERLOADED' })
    stream.destroy()
    await gateway.pass(0)
    await gateway.open(NOTE)
    expect(gateway.live.counts.streams).toBe(3)
  })

  it('A live query whose next result does not fit into the memory for results ends with the reason, and makes room for others', async () => {
    await using gateway = await startLiveGateway({ maxBytes: 500 })
    await gateway.write(1, 'short')
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(100)
    const before = gateway.live.counts.bytes
    expect(before).toBe(JSON.stringify({ data: note('short') }).length)
    await gateway.write(2, 'long '.repeat(60), 'other')
    await gateway.pass(100)
    const { reader: other } = await gateway.open(NOTES, { variables: { folder: 'other' } })
    await gateway.pass(100)
    expect(other.last?.data).toBeDefined()
    await gateway.write(1, 'long '.repeat(60))
    await gateway.pass(100)
    expect(reader.last?.errors).toMatchObject([{ message: expect.stringContaining('LIVE_MAX_BYTES'), extensions: { code: 'OVERLOADED' } }])
    expect(gateway.endings()).toEqual(['full'])
    expect(gateway.live.counts).toMatchObject({ streams: 1, groups: 1 })
    const { reader: again } = await gateway.open(NOTE)
    await gateway.pass(100)
    expect(again.last?.errors).toMatchObject([{ extensions: { code: 'OVERLOADED' } }])
    await gateway.write(2, 'short', 'other')
    await gateway.pass(100)
    const { reader: later } = await gateway.open(NOTE)
    await gateway.pass(100)
    expect(later.last?.data).toEqual(note('long '.repeat(60)))
    expect(gateway.live.counts.bytes).toBeLessThanOrEqual(500)
  })

  it('With a limit of 0 streams, no request has a live query', async () => {
    await using gateway = await startLiveGateway({ maxStreams: 0 })
    expect(gateway.live.read({ body: { query: NOTE } }, viewer('acme'))).toBeUndefined()
  })

  it('At a shutdown all streams end without the event complete, and no further one is opened', async () => {
    await using gateway = await startLiveGateway()
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(0)
    gateway.live.close()
    await gateway.pass(0)
    expect([reader.isClosed, reader.isComplete, gateway.endings()]).toEqual([true, false, ['shutdown']])
    await expect(gateway.open(NOTE)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('A query whose variables are wrong sends its errors and completes', async () => {
    await using gateway = await startLiveGateway()
    const { reader } = await gateway.open(NOTES, { variables: { folder: 7 } })
    await gateway.pass(0)
    expect(reader.last?.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    expect([reader.isComplete, gateway.endings()]).toEqual([true, ['failed']])
  })
})

import { describe, expect, it } from 'vitest'
import type { LiveOptions } from '#src/gateway/live/live-options.ts'
import { heldRunner } from './held-runner.ts'
import { NOTE, NOTES, startLiveGateway } from './live-gateway.ts'

/** A runner whose executions fail while the test says so. */
function failingRunner() {
  const state = { isFailing: false, executions: 0 }
  const wrap = (runner: LiveOptions['runner']): LiveOptions['runner'] => ({
    cacheable: (...given) => runner.cacheable(...given),
    run: (...given) => runner.run(...given),
    async answer(...given) {
      state.executions++
      if (state.isFailing) throw new TypeError('Cannot read properties of undefined.')
      return runner.answer(...given)
    },
  })
  return { state, wrap }
}

describe('live queries under load and with failures', () => {
  it('An error of unknown cause ends no stream: the query is executed again, after longer and longer times', async () => {
    const { state, wrap } = failingRunner()
    await using gateway = await startLiveGateway({ wrap })
    await gateway.write(1, 'old')
    await gateway.pass(100)
    state.isFailing = true
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(100_000)
    expect(reader.last?.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR')
    expect([reader.isComplete, gateway.endings()]).toEqual([false, []])
    expect(state.executions).toBeGreaterThanOrEqual(7)
    expect(state.executions).toBeLessThanOrEqual(8)
    state.isFailing = false
    await gateway.pass(30_500)
    expect(reader.last).toMatchObject({ data: { note: { text: 'old' } } })
  })

  it('A throw while a result is delivered stops no group: the result is delivered after the staleness bound', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'old')
    await gateway.pass(100)
    let isBroken = false
    const standing = () => {
      if (!isBroken) return undefined
      isBroken = false
      throw new TypeError('Cannot read properties of undefined.')
    }
    const { reader } = await gateway.open(NOTE, { standing })
    await gateway.pass(100)
    isBroken = true
    await gateway.write(1, 'new')
    await gateway.pass(100)
    expect(gateway.gateway.hidden).toHaveLength(1)
    await gateway.pass(1250)
    expect(reader.last?.data).toEqual({ note: { id: '1', text: 'new' } })
    await gateway.write(1, 'newer')
    await gateway.pass(100)
    expect(reader.last?.data).toEqual({ note: { id: '1', text: 'newer' } })
  })

  it('The live queries that are executed at a time take at most a quarter of the cost of all operations, and all are executed in the end', async () => {
    const cost = await costOf(NOTES)
    const held = heldRunner()
    await using gateway = await startLiveGateway({ wrap: held.wrap, maxConcurrentCost: cost * 4 * 2.5 })
    held.hold()
    const opened = []
    for (const folder of ['a', 'b', 'c', 'd', 'e']) opened.push(await gateway.open(NOTES, { variables: { folder } }))
    await gateway.pass(0)
    expect(held.counts.running).toBe(2)
    held.letGo()
    await gateway.pass(0)
    expect(opened.map(({ reader }) => reader.results.length)).toEqual([1, 1, 1, 1, 1])
  })

  it('A live query that is dearer than this share is executed alone', async () => {
    const cost = await costOf(NOTES)
    const held = heldRunner()
    await using gateway = await startLiveGateway({ wrap: held.wrap, maxConcurrentCost: cost })
    held.hold()
    for (const folder of ['a', 'b']) await gateway.open(NOTES, { variables: { folder } })
    await gateway.pass(0)
    expect(held.counts.running).toBe(1)
  })

  it('After an execution a query rests as long as the execution took, except for the first result of a stream', async () => {
    const held = heldRunner()
    await using gateway = await startLiveGateway({ wrap: held.wrap })
    await gateway.write(1, 'old')
    await gateway.pass(100)
    await gateway.open(NOTE)
    await gateway.pass(0)
    held.hold()
    await gateway.write(1, 'a')
    await gateway.pass(1000)
    held.letGo()
    await gateway.pass(0)
    const before = gateway.executions()
    await gateway.write(1, 'b')
    await gateway.pass(500)
    expect(gateway.executions()).toBe(before)
    await gateway.pass(500)
    expect(gateway.executions()).toBe(before + 1)
    held.hold()
    await gateway.write(1, 'c')
    await gateway.pass(1000)
    held.letGo()
    await gateway.pass(0)
    const { reader } = await gateway.open(NOTE)
    await gateway.pass(0)
    expect(reader.last?.data).toEqual({ note: { id: '1', text: 'c' } })
  })

  it('A delivery after an asynchronous check of the caller is counted, with the time since COMMIT', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'old')
    await gateway.pass(100)
    await gateway.open(NOTE, { standing: async () => undefined })
    await gateway.pass(0)
    await gateway.write(1, 'new')
    await gateway.pass(100)
    expect(gateway.lags()).toEqual([undefined, expect.any(Number)])
  })
})

async function costOf(query: string): Promise<number> {
  await using gateway = await startLiveGateway()
  const operation = gateway.live.read({ body: { query, variables: { folder: 'a' } } }, { tenant: 'acme', role: 'VIEWER', userId: 'u1' })
  return operation?.cost ?? 0
}

import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { checkAnswerSize } from '#src/gateway/graphql/execution/limits/answer-size.ts'
import { CostSemaphore } from '#src/gateway/graphql/execution/limits/cost-semaphore.ts'
import { ExecutionBudget } from '#src/gateway/graphql/execution/limits/execution-budget.ts'

const limits = { ...readConfig({}).limits, maxCost: 5000, executionTimeoutMs: 100, maxResponseBytes: 60 }

/** Creates a clock that stands still, and turns of the event loop that begin when the test calls `turn`. */
function handClock() {
  const waiting: (() => void)[] = []
  const clock = { now: 0, turns: 0, monotonic: () => clock.now, nextTurn: () => new Promise<void>((resolve) => waiting.push(resolve)) }
  const settled = async () => {
    for (let step = 0; step < 20; step++) await Promise.resolve()
  }
  return {
    clock,
    waiting,
    async turn() {
      clock.turns++
      for (const resolve of waiting.splice(0)) resolve()
      await settled()
    },
    settled,
  }
}

describe('the work budget of an execution', () => {
  const list = (length: number) => Array.from({ length }, (_, index) => index)

  it('completes lists in one turn of the event loop up to a sum of 10,000 units of work, and defers further lists', async () => {
    const { clock, turn, settled } = handClock()
    const budget = new ExecutionBudget(limits, clock, true)
    for (const length of [600, 400]) expect(budget.list(list(length), 10)).toHaveLength(length)
    const order: string[] = []
    for (const name of ['second', 'also second', 'third'])
      void Promise.resolve(budget.list(list(name === 'third' ? 900 : 400), 10)).then(() => order.push(`${name} in turn ${clock.turns}`))
    await settled()
    expect(order).toEqual([])
    await turn()
    expect(order).toEqual(['second in turn 1', 'also second in turn 1'])
    await turn()
    expect(order).toEqual(['second in turn 1', 'also second in turn 1', 'third in turn 2'])
    expect(budget.list(list(100), 10)).toHaveLength(100)
  })

  it('completes a list with more than 10,000 units of work in slices, in order and without repeating an item', async () => {
    const { clock, turn, settled } = handClock()
    const budget = new ExecutionBudget(limits, clock, true)
    budget.allowSlices()
    const done: number[] = []
    const slices = await budget.list(list(2500), 10)
    const all = Promise.all(slices.map(async (item) => done.push(Number(await item))))
    await settled()
    expect(done.length).toBe(1000)
    await turn()
    expect(done.length).toBe(2000)
    await turn()
    await all
    expect(done).toEqual(list(2500))
  })

  it('completes slices of different lists in different turns of the event loop', async () => {
    const { clock, turn, settled } = handClock()
    const budget = new ExecutionBudget({ ...limits, maxCost: 10_000 }, clock, true)
    budget.allowSlices()
    const done: number[] = []
    for (const name of [1, 2]) for (const item of await budget.list(list(2000), 10)) void Promise.resolve(item).then(() => done.push(name))
    await settled()
    const perTurn = [done.length]
    for (let number = 1; number < 4; number++) {
      await turn()
      perTurn.push(done.length)
    }
    expect(perTurn).toEqual([1000, 2000, 3000, 4000])
  })

  it('counts deferred work in the turn in which it runs', async () => {
    const { clock, turn, settled } = handClock()
    const budget = new ExecutionBudget(limits, clock, true)
    expect(budget.spend(10_000)).toBeUndefined()
    const order: string[] = []
    for (const name of ['a', 'b', 'c']) void budget.spend(10_000)?.then(() => order.push(`${name} in turn ${clock.turns}`))
    await settled()
    for (let number = 1; number <= 3; number++) await turn()
    expect(order).toEqual(['a in turn 1', 'b in turn 2', 'c in turn 3'])
    expect(budget.spend(1)).toBeInstanceOf(Promise)
  })

  it('aborts an execution if its lists have more items in total than MAX_COST allows', () => {
    const budget = new ExecutionBudget(limits, handClock().clock, true)
    void budget.list(list(5000), 10)
    expect(() => budget.list([1], 10)).toThrow(
      'The request has 5001 items in the lists of its answer; at most 5000 are allowed (MAX_COST). Request less in one operation.',
    )
  })

  it('aborts a query at its timeout, but never aborts a mutation', () => {
    const { clock } = handClock()
    const query = new ExecutionBudget(limits, clock, true)
    const mutation = new ExecutionBudget(limits, clock, false)
    clock.now = 100
    expect(query.list([1], 10)).toEqual([1])
    clock.now = 100.5
    expect(() => query.list([1], 10)).toThrow(
      expect.objectContaining({ code: 'TIMEOUT', message: expect.stringContaining('within 100 ms (EXECUTION_TIMEOUT_MS)') }),
    )
    expect(mutation.list([1], 10)).toEqual([1])
  })
})

describe('expensive operations', () => {
  /** Runs an operation of the given cost under the semaphore. The operation ends when the test calls `end`. */
  function held(semaphore: CostSemaphore, cost: number, log: string[], name: string, isWanted = () => true) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const result = semaphore.run(cost, isWanted, async () => {
      log.push(`${name} begins`)
      await promise
      return name
    })
    return { result, end: resolve }
  }

  it('run concurrently while their total cost is below the limit, and further operations wait in order of arrival', async () => {
    const semaphore = new CostSemaphore(1000)
    const log: string[] = []
    const [a, b, c, d] = [
      held(semaphore, 600, log, 'a'),
      held(semaphore, 400, log, 'b'),
      held(semaphore, 900, log, 'c'),
      held(semaphore, 50, log, 'd'),
    ]
    expect(log).toEqual(['a begins', 'b begins'])
    b.end()
    expect(await b.result).toBe('b')
    // The first waiting operation does not fit yet, and no later operation overtakes the first.
    expect(log).toEqual(['a begins', 'b begins'])
    a.end()
    await a.result
    await Promise.resolve()
    expect(log).toEqual(['a begins', 'b begins', 'c begins', 'd begins'])
    c.end()
    d.end()
    expect(await Promise.all([c.result, d.result])).toEqual(['c', 'd'])
  })

  it('do not delay cheap operations', async () => {
    const semaphore = new CostSemaphore(1000)
    const log: string[] = []
    const big = held(semaphore, 1000, log, 'big')
    const small = held(semaphore, 10, log, 'small')
    expect(log).toEqual(['big begins', 'small begins'])
    small.end()
    big.end()
    await Promise.all([big.result, small.result])
  })

  it('run alone if their own cost exceeds the limit on the total cost', async () => {
    const semaphore = new CostSemaphore(1000)
    const log: string[] = []
    const huge = held(semaphore, 5000, log, 'huge')
    const next = held(semaphore, 20, log, 'next')
    expect(log).toEqual(['huge begins'])
    huge.end()
    await huge.result
    next.end()
    expect(await next.result).toBe('next')
  })

  it('are rejected with OVERLOADED if the total cost of the waiting operations is already four times the limit', async () => {
    const semaphore = new CostSemaphore(1000)
    const log: string[] = []
    const running = held(semaphore, 1000, log, 'running')
    const waiting = [1, 2, 3, 4].map((number) => held(semaphore, 1000, log, `waiting ${number}`))
    await expect(held(semaphore, 1000, log, 'refused').result).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1000 })
    running.end()
    await running.result
    const late = held(semaphore, 1000, log, 'late')
    for (const { end, result } of [...waiting, late]) {
      end()
      await result
    }
    expect(log).toEqual(['running begins', ...waiting.map((_, index) => `waiting ${index + 1} begins`), 'late begins'])
  })

  it('are not started if the client has disconnected, and make room for the next operation when they fail', async () => {
    const semaphore = new CostSemaphore(1000)
    const log: string[] = []
    const failing = semaphore.run(
      1000,
      () => true,
      () => Promise.reject(new Error('no')),
    )
    const late = held(semaphore, 500, log, 'late', () => false)
    await expect(failing).rejects.toThrow('no')
    expect(await late.result).toBeUndefined()
    const after = held(semaphore, 1000, log, 'after')
    after.end()
    expect(await after.result).toBe('after')
    expect(log).toEqual(['after begins'])
  })
})

describe('a response', () => {
  it('is rejected before it is serialized if it would exceed the size limit', () => {
    expect(() => checkAnswerSize({ a: [1, null, true, { b: 'x'.repeat(10) }] }, limits)).not.toThrow()
    expect(() => checkAnswerSize({ a: 'ü'.repeat(31) }, limits)).toThrow(
      /bytes in its answer; at most 60 are allowed \(MAX_RESPONSE_BYTES\)/,
    )
  })
})

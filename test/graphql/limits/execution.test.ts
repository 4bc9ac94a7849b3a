import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config/config.ts'
import { checkAnswerSize } from '../../../src/graphql/limits/answer-size.ts'
import { CostSemaphore } from '../../../src/graphql/limits/cost-semaphore.ts'
import { ExecutionBudget } from '../../../src/graphql/limits/execution-budget.ts'

const limits = { ...readConfig({}).limits, maxCost: 5000, executionTimeoutMs: 100, maxResponseBytes: 60 }

/** A clock that stands still, and turns of the event loop that begin when the test says so. */
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

describe('the budget of an execution', () => {
  it('lets lists of up to 1,000 usual items be completed at once, and those beyond wait for the next turns', async () => {
    const { clock, turn, settled } = handClock()
    const budget = new ExecutionBudget(limits, clock, true)
    expect(budget.take(600, 10)).toBeUndefined()
    expect(budget.take(400, 10)).toBeUndefined()
    const order: string[] = []
    for (const name of ['second', 'also second', 'third'])
      void budget.take(name === 'third' ? 900 : 400, 10)?.then(() => order.push(`${name} in turn ${clock.turns}`))
    await settled()
    expect(order).toEqual([])
    await turn()
    expect(order).toEqual(['second in turn 1', 'also second in turn 1'])
    await turn()
    expect(order).toEqual(['second in turn 1', 'also second in turn 1', 'third in turn 2'])
    expect(budget.take(1000, 10)).toBeUndefined()
  })

  it('completes a list of more than 1,000 usual items in slices, in order and each once', async () => {
    const { clock, turn, settled } = handClock()
    const budget = new ExecutionBudget(limits, clock, true)
    budget.allowSlices()
    const list = Array.from({ length: 2500 }, (_, index) => index)
    const done: number[] = []
    const all = Promise.all(budget.spread(list, 10).map(async (item) => done.push(Number(await item))))
    await settled()
    expect(done.length).toBe(1000)
    await turn()
    expect(done.length).toBe(2000)
    await turn()
    await all
    expect(done).toEqual(list)
    expect(budget.spread([1, 2], 10)).toEqual([1, 2])
  })

  it('ends an execution whose lists have more items than its cost may be, whatever the schema said of their lengths', () => {
    const budget = new ExecutionBudget(limits, handClock().clock, true)
    void budget.take(5000, 10)
    expect(() => budget.take(1, 10)).toThrow(
      'The request has 5001 items in the lists of its answer; at most 5000 are allowed (MAX_COST). Ask for less at once.',
    )
  })

  it('gives a query its time and no more, and a mutation what it needs', () => {
    const { clock } = handClock()
    const query = new ExecutionBudget(limits, clock, true)
    const mutation = new ExecutionBudget(limits, clock, false)
    clock.now = 100
    expect(query.take(1, 10)).toBeUndefined()
    clock.now = 100.5
    expect(() => query.take(1, 10)).toThrow(
      expect.objectContaining({ code: 'TIMEOUT', message: expect.stringContaining('within 100 ms (EXECUTION_TIMEOUT_MS)') }),
    )
    expect(mutation.take(1, 10)).toBeUndefined()
  })
})

describe('operations that cost much', () => {
  /** Work that ends when the test says so. */
  function held(semaphore: CostSemaphore, cost: number, log: string[], name: string, isWanted = () => true) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const result = semaphore.run(cost, isWanted, async () => {
      log.push(`${name} begins`)
      await promise
      return name
    })
    return { result, end: resolve }
  }

  it('run together as long as their costs fit, and the others wait in the order they came', async () => {
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
    // The one in front needs more room than there is: nobody passes it.
    expect(log).toEqual(['a begins', 'b begins'])
    a.end()
    await a.result
    await Promise.resolve()
    expect(log).toEqual(['a begins', 'b begins', 'c begins', 'd begins'])
    c.end()
    d.end()
    expect(await Promise.all([c.result, d.result])).toEqual(['c', 'd'])
  })

  it('do not hold up what costs little', async () => {
    const semaphore = new CostSemaphore(1000)
    const log: string[] = []
    const big = held(semaphore, 1000, log, 'big')
    const small = held(semaphore, 10, log, 'small')
    expect(log).toEqual(['big begins', 'small begins'])
    small.end()
    big.end()
    await Promise.all([big.result, small.result])
  })

  it('run alone, where one costs more than all may', async () => {
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

  it('are not begun when their turn comes after nobody wants them, and give their room back when they fail', async () => {
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

describe('the size of an answer', () => {
  it('is refused above its limit before the text is made, counted in bytes', () => {
    expect(() => checkAnswerSize({ a: [1, null, true, { b: 'x'.repeat(10) }] }, limits)).not.toThrow()
    expect(() => checkAnswerSize({ a: 'ü'.repeat(31) }, limits)).toThrow(
      /bytes in its answer; at most 60 are allowed \(MAX_RESPONSE_BYTES\)/,
    )
  })
})

import { describe, expect, it } from 'vitest'
import { type Steps, UNITS_BETWEEN_LOOKS, WorkQueue } from '#src/market/rules/naming/work-queue.ts'

const UNITS_PER_MS = 1_000

/** Units of work that the queue does in one slice of a quarter of a millisecond, at 1,000 units per ms. */
const UNITS_PER_SLICE = 250

/**
 * Creates a work queue whose clock advances only with the units of work that the queue has done, and counts how often
 * the queue yielded to the event loop.
 */
function createBench(options: ConstructorParameters<typeof WorkQueue>[0] = {}) {
  let units = 0
  const slices: number[] = []
  const queue = new WorkQueue({
    now: () => units / UNITS_PER_MS,
    nextTurn: async () => void slices.push(units),
    ...options,
  })
  function* measured<Result>(steps: Steps<Result>): Steps<Result> {
    for (;;) {
      const step = steps.next()
      if (step.done) return step.value
      units += step.value
      yield step.value
    }
  }
  return {
    queue,
    run: <Result>(steps: Steps<Result>, isUrgent = false) => queue.run(measured(steps), { units: 10, isUrgent }),
    turns: () => slices.length,
    /** Returns the numbers of work units that were done between consecutive turns of the event loop. */
    slices: () => [...slices, units].map((end, index) => end - (slices[index - 1] ?? 0)).slice(1),
  }
}

function* work(units: number, result: string, each = 1): Steps<string> {
  for (let done = 0; done < units; done += each) yield each
  return result
}

/** Creates work that waits until the test calls `open`. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

describe('the work queue of the domain generator', () => {
  it('yields to the event loop after each slice of a quarter of a millisecond of work', async () => {
    const bench = createBench()
    expect(await bench.run(work(10_100, 'done'))).toBe('done')
    expect(bench.turns()).toBe(41)
    for (const slice of bench.slices()) expect(slice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS)
  })

  it('counts an expensive step as several units, so that a slice with such steps takes no longer', async () => {
    const bench = createBench()
    await bench.run(work(10_000, 'done', 40))
    for (const slice of bench.slices()) expect(slice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS + 40)
  })

  it('begins each piece of work in a new turn of the event loop, so that many short pieces do not block the event loop', async () => {
    const bench = createBench()
    await Promise.all(Array.from({ length: 17 }, () => bench.run(work(200, 'done'))))
    expect(bench.turns()).toBe(17)
    for (const slice of bench.slices()) expect(slice).toBeLessThanOrEqual(200)
  })

  it('runs one piece of work at a time, in the order of arrival', async () => {
    const bench = createBench()
    const events: string[] = []
    function* noted(name: string): Steps<void> {
      events.push(`${name} begins`)
      yield* work(5_000, name)
      events.push(`${name} ends`)
    }
    await Promise.all(['one', 'two', 'three'].map((name) => bench.run(noted(name))))
    expect(events).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
  })

  it('runs urgent work, for which a database transaction waits, before all work that is not urgent', async () => {
    const bench = createBench()
    const order: string[] = []
    await Promise.all([
      bench.run(work(5_000, 'running')).then((name) => order.push(name)),
      bench.run(work(10, 'usual')).then((name) => order.push(name)),
      bench.run(work(10, 'urgent'), true).then((name) => order.push(name)),
    ])
    expect(order).toEqual(['running', 'urgent', 'usual'])
  })

  it('continues with the next piece of work after a piece failed', async () => {
    const bench = createBench()
    // biome-ignore lint/correctness/useYield: it fails before it gets there
    function* failing(): Steps<string> {
      throw new Error('It failed.')
    }
    const failed = bench.run(failing())
    const next = bench.run(work(10, 'next'))
    await expect(failed).rejects.toThrow('It failed.')
    expect(await next).toBe('next')
  })

  it('lets 16 callers wait, and rejects the 17th', async () => {
    const { open, opened } = gate()
    const queue = new WorkQueue({ nextTurn: () => opened })
    const accepted = Array.from({ length: 17 }, (_, index) => queue.run(work(10, `${index}`), { units: 10 }))
    await expect(queue.run(work(10, 'one too many'), { units: 10 })).rejects.toThrow(
      expect.objectContaining({
        code: 'OVERLOADED',
        message: 'The server is generating names for other requests, and 16 more wait: retry in a moment.',
      }),
    )
    open()
    expect(await Promise.all(accepted)).toHaveLength(17)
    expect(await queue.run(work(10, 'later'), { units: 10 })).toBe('later')
  })

  it('rejects further callers once 250,000 units of work are waiting in the queue', async () => {
    const { open, opened } = gate()
    const queue = new WorkQueue({ nextTurn: () => opened })
    const accepted = [1, 125_000, 125_000].map((units) => queue.run(work(10, 'done'), { units }))
    await expect(queue.run(work(10, 'one too many'), { units: 1 })).rejects.toThrow(
      expect.objectContaining({
        code: 'OVERLOADED',
        message: 'The server is generating names for other requests, and 2 more wait: retry in a moment.',
      }),
    )
    expect(() => queue.checkRoom()).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    open()
    await Promise.all(accepted)
    expect(() => queue.checkRoom()).not.toThrow()
    expect(await queue.run(work(10, 'later'), { units: 1 })).toBe('later')
  })

  it('has a separate limit for urgent callers, so that other callers cannot take the places of urgent callers', async () => {
    const { open, opened } = gate()
    const queue = new WorkQueue({ nextTurn: () => opened, maxWaiting: 1 })
    const accepted = [queue.run(work(10, 'runs'), { units: 10 }), queue.run(work(10, 'waits'), { units: 10 })]
    await expect(queue.run(work(10, 'refused'), { units: 10 })).rejects.toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    accepted.push(queue.run(work(10, 'urgent'), { units: 10, isUrgent: true }))
    open()
    expect(await Promise.all(accepted)).toEqual(['runs', 'waits', 'urgent'])
  })
})

it('The work queue aborts a piece of work before its next slice if the caller has stopped waiting, and then begins the next piece.', async () => {
  let done = 0
  const leaving = new AbortController()
  const queue = new WorkQueue({ now: () => done / UNITS_PER_MS, nextTurn: async () => undefined })
  function* endless(): Steps<never> {
    for (;;) {
      if (++done === 1000) leaving.abort(new Error('gone'))
      yield 1
    }
  }
  await expect(queue.run(endless(), { units: 10, signal: leaving.signal })).rejects.toThrow('gone')
  expect(done).toBeLessThanOrEqual(1000 + UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS)
  expect(await queue.run(work(10, 'next'), { units: 10 })).toBe('next')
})

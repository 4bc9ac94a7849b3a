import { describe, expect, it } from 'vitest'
import { type Steps, UNITS_BETWEEN_LOOKS, WorkQueue } from '../../src/generator/work-queue.ts'

const UNITS_PER_MS = 1_000

/** A slice is a quarter of a millisecond. */
const UNITS_PER_SLICE = 250

/** A clock that runs on the units of the work alone, and a count of the turns that the work gave to others. */
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
    /** Units between two turns of the event loop. */
    slices: () => [...slices, units].map((end, index) => end - (slices[index - 1] ?? 0)).slice(1),
  }
}

function* work(units: number, result: string, each = 1): Steps<string> {
  for (let done = 0; done < units; done += each) yield each
  return result
}

/** Work that goes on when it is told to. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

describe('the work queue', () => {
  it('lets others have a turn of the event loop after each slice of a quarter of a millisecond', async () => {
    const bench = createBench()
    expect(await bench.run(work(10_100, 'done'))).toBe('done')
    expect(bench.turns()).toBe(41)
    for (const slice of bench.slices()) expect(slice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS)
  })

  it('counts dear steps by their units: a slice of them is no longer', async () => {
    const bench = createBench()
    await bench.run(work(10_000, 'done', 40))
    for (const slice of bench.slices()) expect(slice).toBeLessThanOrEqual(UNITS_PER_SLICE + UNITS_BETWEEN_LOOKS + 40)
  })

  it('begins each piece of work on a turn of its own, so that short ones do not add up to a long slice', async () => {
    const bench = createBench()
    await Promise.all(Array.from({ length: 17 }, () => bench.run(work(200, 'done'))))
    expect(bench.turns()).toBe(17)
    for (const slice of bench.slices()) expect(slice).toBeLessThanOrEqual(200)
  })

  it('runs one piece of work at a time, first come, first served', async () => {
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

  it('runs work that a transaction waits for before the rest', async () => {
    const bench = createBench()
    const order: string[] = []
    await Promise.all([
      bench.run(work(5_000, 'running')).then((name) => order.push(name)),
      bench.run(work(10, 'usual')).then((name) => order.push(name)),
      bench.run(work(10, 'urgent'), true).then((name) => order.push(name)),
    ])
    expect(order).toEqual(['running', 'urgent', 'usual'])
  })

  it('goes on with the next piece of work after one that failed', async () => {
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

  it('lets 16 callers wait, and turns the next one away', async () => {
    const { open, opened } = gate()
    const queue = new WorkQueue({ nextTurn: () => opened })
    const accepted = Array.from({ length: 17 }, (_, index) => queue.run(work(10, `${index}`), { units: 10 }))
    await expect(queue.run(work(10, 'one too many'), { units: 10 })).rejects.toThrow(
      expect.objectContaining({
        code: 'OVERLOADED',
        message: 'The server generates names for others, and 16 more requests wait for it: retry in a moment.',
      }),
    )
    open()
    expect(await Promise.all(accepted)).toHaveLength(17)
    expect(await queue.run(work(10, 'later'), { units: 10 })).toBe('later')
  })

  it('lets nobody wait any more once 250,000 units of work wait', async () => {
    const { open, opened } = gate()
    const queue = new WorkQueue({ nextTurn: () => opened })
    const accepted = [1, 125_000, 125_000].map((units) => queue.run(work(10, 'done'), { units }))
    await expect(queue.run(work(10, 'one too many'), { units: 1 })).rejects.toThrow(
      expect.objectContaining({
        code: 'OVERLOADED',
        message: 'The server generates names for others, and 2 more requests wait for it: retry in a moment.',
      }),
    )
    expect(() => queue.checkRoom()).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    open()
    await Promise.all(accepted)
    expect(() => queue.checkRoom()).not.toThrow()
    expect(await queue.run(work(10, 'later'), { units: 1 })).toBe('later')
  })

  it('turns urgent callers away by their own number: the others cannot take their places', async () => {
    const { open, opened } = gate()
    const queue = new WorkQueue({ nextTurn: () => opened, maxWaiting: 1 })
    const accepted = [queue.run(work(10, 'runs'), { units: 10 }), queue.run(work(10, 'waits'), { units: 10 })]
    await expect(queue.run(work(10, 'refused'), { units: 10 })).rejects.toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    accepted.push(queue.run(work(10, 'urgent'), { units: 10, isUrgent: true }))
    open()
    expect(await Promise.all(accepted)).toEqual(['runs', 'waits', 'urgent'])
  })
})

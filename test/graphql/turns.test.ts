import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import type { Module, ReadContext, RequestContext } from '#src/gateway/contract/module.ts'
import { BatchTurns } from '#src/gateway/graphql/execution/batch-turns.ts'
import { ExecutionBudget } from '#src/gateway/graphql/execution/limits/execution-budget.ts'
import { startTinyGateway, viewer } from './tiny-gateway.ts'
import { TINY_SDL, TinyStore, tinyModule } from './tiny-module.ts'

const NOTES = 1500
/**
 * Number of values that are loaded, looked up and stored in one turn of the event loop: each is 25 of 10,000 units of
 * work.
 */
const VALUES_PER_TURN = 400
/** Number of objects of one field that are completed in one turn of the event loop: each is 15 units of work. */
const OBJECTS_PER_TURN = 666

/** Counts events by the turn of the event loop in which they happen. */
class TurnCounter {
  readonly #counts = new Map<string, Map<number, number>>()
  #turn = 0
  #isRunning = true

  constructor() {
    const next = () => {
      this.#turn++
      if (this.#isRunning) setImmediate(next)
    }
    setImmediate(next)
  }

  note(what: string, count: number): void {
    const counts = this.#counts.get(what) ?? new Map<number, number>()
    counts.set(this.#turn, (counts.get(this.#turn) ?? 0) + count)
    this.#counts.set(what, counts)
  }

  /** Returns how often the named event happened in total, and how often at most in one turn. */
  figures(what: string): readonly [all: number, most: number] {
    const counts = [...(this.#counts.get(what)?.values() ?? [])]
    return [counts.reduce((sum, count) => sum + count, 0), Math.max(0, ...counts)]
  }

  [Symbol.dispose](): void {
    this.#isRunning = false
  }
}

class CountedStore extends TinyStore {
  readonly #turns: TurnCounter

  constructor(turns: TurnCounter) {
    super()
    this.#turns = turns
    for (let id = 1; id <= NOTES; id++) this.notes.push({ id, tenantId: 'acme', folder: 'a', text: `note ${id}` })
  }

  override note(name: string, keys: readonly unknown[], read: ReadContext): void {
    this.#turns.note(name, keys.length)
    super.note(name, keys, read)
  }
}

/** Starts a gateway in which all notes reference the same word, which is loaded once. */
function startNotes(turns: TurnCounter) {
  const store = new CountedStore(turns)
  const [, words] = tinyModule(store, Date.now).entities
  const word = (_note: unknown, _args: unknown, context: RequestContext) => context.load(words ?? expect.unreachable(), 'call')
  const letters = (row: { readonly letters: number }) => {
    turns.note('letters', 1)
    return row.letters
  }
  const adapt = (module: Module): Module => {
    const resolvers = module.resolvers as Readonly<Record<string, object>>
    return { ...module, resolvers: { ...resolvers, Note: { ...resolvers['Note'], word }, Word: { letters } } as Module['resolvers'] }
  }
  return startTinyGateway({ store, sdl: TINY_SDL.replace('text: String!\n', 'text: String!\n word: Word\n'), adapt })
}

describe('an operation that reads many rows', () => {
  const QUERY = '{ notes { nodes { text length word { letters } } } }'

  it('loads, stores and completes only a few rows in each turn of the event loop', async () => {
    using turns = new TurnCounter()
    await using gateway = await startNotes(turns)
    const { errors, data } = await gateway.ask(QUERY, { viewer: viewer('acme') })
    expect(errors).toEqual([])
    expect(JSON.stringify(data).match(/"letters":4/g)).toHaveLength(NOTES)
    for (const [what, bound] of [
      ['Note', VALUES_PER_TURN],
      ['length', VALUES_PER_TURN],
      ['letters', OBJECTS_PER_TURN],
    ] as const) {
      const [all, most] = turns.figures(what)
      expect(all, what).toBe(NOTES)
      expect(most, what).toBeLessThanOrEqual(bound)
    }
    expect(gateway.store.loadsOf('Word')).toBe(1)
  })

  it('completes only a few rows in each turn of the event loop if all rows are cached', async () => {
    using turns = new TurnCounter()
    await using gateway = await startNotes(turns)
    await gateway.ask('{ notes { nodes { text word { name } } } }', { viewer: viewer('acme') })
    const { errors } = await gateway.ask('{ notes { nodes { text word { letters } } } }', { viewer: viewer('acme') })
    expect(errors).toEqual([])
    const [all, most] = turns.figures('letters')
    expect(all).toBe(NOTES)
    expect(most).toBeLessThanOrEqual(OBJECTS_PER_TURN)
    expect(turns.figures('Note')[0]).toBe(NOTES)
  })
})

describe('the batches of a dataloader', () => {
  function startTurns(pageRows = 0) {
    const clock = { time: 0, turns: 0 }
    const nextTurn = async () => void clock.turns++
    const budget = new ExecutionBudget(readConfig({}).limits, { monotonic: () => clock.time, nextTurn }, true)
    return { clock, budget, turns: new BatchTurns(budget, pageRows) }
  }
  const keys = (count: number) => Array.from({ length: count }, (_, index) => index)

  it('are loaded and completed without waiting for another turn of the event loop if they have an average size', async () => {
    const { clock, turns } = startTurns()
    let begun = 0
    const running = turns.run(keys(100), async () => begun++)
    expect(begun).toBe(1)
    expect(turns.toLand(100)).toBeUndefined()
    await running
    expect(clock.turns).toBe(0)
  })

  it('contain fewer values if each value contains more rows', () => {
    expect([0, 20, 100].map((rows) => startTurns(rows).turns.most)).toEqual([VALUES_PER_TURN, 80, 19])
    expect(startTurns(1_000_000).turns.most).toBe(1)
  })

  it('share the work budget of a turn of the event loop with the other dataloaders of the execution', async () => {
    const { clock, budget, turns } = startTurns()
    const others = new BatchTurns(budget)
    expect(turns.toLand(turns.most)).toBeUndefined()
    await others.toLand(others.most)
    expect(clock.turns).toBe(1)
  })

  it('wait until the preceding full batch has ended, even if that batch fails', async () => {
    const { turns } = startTurns()
    const log: string[] = []
    const { promise, reject } = Promise.withResolvers<never>()
    const first = turns.run(keys(turns.most), () => promise)
    const second = turns.run(keys(1), async () => log.push('second'))
    const third = turns.run(keys(1), async () => log.push('third'))
    await Promise.resolve()
    expect(log).toEqual([])
    reject(new Error('The database is gone.'))
    await expect(first).rejects.toThrow('The database is gone.')
    await Promise.all([second, third])
    expect(log).toEqual(['second', 'third'])
  })

  it('are not started after the execution has timed out', async () => {
    const { clock, turns } = startTurns()
    const first = turns.run(keys(turns.most), async () => undefined)
    const second = turns.run(keys(turns.most), async () => expect.unreachable())
    clock.time = 1e9
    await first
    await expect(second).rejects.toMatchObject({ code: 'TIMEOUT' })
  })
})

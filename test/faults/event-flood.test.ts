import { describe, expect, it } from 'vitest'
import { Random } from '#src/market/seed/random.ts'
import { type Batch, hourKey, Ledger, type Receipt } from './event-flood/ledger.ts'
import { type Clock, NotAcknowledged, type SenderOptions, sendFlood } from './event-flood/senders.ts'

/** A clock that advances only to the end of the next pause, as soon as all code waits for a pause. */
class VirtualClock implements Clock {
  #now = 0
  readonly #waiting: { readonly at: number; readonly wake: () => void }[] = []

  now(): number {
    return this.#now
  }

  pause(ms: number): Promise<void> {
    return new Promise((wake) => void this.#waiting.push({ at: this.#now + ms, wake }))
  }

  async runUntil(finished: Promise<unknown>): Promise<void> {
    let isFinished = false
    void finished.finally(() => {
      isFinished = true
    })
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (isFinished) return
      this.#waiting.sort((one, other) => one.at - other.at)
      const next = this.#waiting.shift()
      if (!next) throw new Error('Nobody waits, and the run has not finished.')
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
  }
}

interface Flaws {
  /** Answers before the commit, so that a crash loses events that were already acknowledged. */
  readonly acknowledgesEarly?: boolean
  /** Stores an event a second time if the event is sent again. */
  readonly hasNoConflictClause?: boolean
  /** Counts an event a second time in the rollup if the event is sent again. */
  readonly countsDuplicates?: boolean
}

const COMMIT_MS = 10

/** Simulates a gateway and its database in memory. The gateway crashes from time to time, and loses some answers. */
class FakeGateway {
  readonly stored: { readonly eventId: string; readonly key: string }[] = []
  readonly hours = new Map<string, number>()
  readonly #ids = new Set<string>()
  readonly #clock: Clock
  readonly #random: Random
  readonly #flaws: Flaws
  #crashes = 0

  constructor(clock: Clock, random: Random, flaws: Flaws) {
    this.#clock = clock
    this.#random = random
    this.#flaws = flaws
  }

  async track(batch: Batch): Promise<Receipt> {
    if (this.#random.chance(0.05)) throw new NotAcknowledged('No room.', { isRefused: true, retryAfterMs: 200 })
    const committing = this.#commit(batch)
    if (this.#flaws.acknowledgesEarly) {
      void committing.catch(() => undefined)
      return { accepted: batch.events.length, duplicates: 0, errors: 0 }
    }
    const receipt = await committing
    if (this.#random.chance(0.1)) throw new NotAcknowledged('The answer was lost.')
    return receipt
  }

  async #commit({ tenant, events }: Batch): Promise<Receipt> {
    if (this.#random.chance(0.05)) this.#crashes++
    const before = this.#crashes
    await this.#clock.pause(COMMIT_MS)
    if (before !== this.#crashes) throw new NotAcknowledged('The gateway crashed.')
    let accepted = 0
    for (const event of events) {
      const isKnown = this.#ids.has(event.eventId)
      this.#ids.add(event.eventId)
      const key = hourKey(tenant, event)
      if (!isKnown) accepted++
      if (!isKnown || this.#flaws.hasNoConflictClause) this.stored.push({ eventId: event.eventId, key })
      if (!isKnown || this.#flaws.countsDuplicates) this.hours.set(key, (this.hours.get(key) ?? 0) + 1)
    }
    return { accepted, duplicates: events.length - accepted, errors: 0 }
  }
}

function batchOf(number: number): Batch {
  const events = Array.from({ length: 50 }, (_, index) => ({
    eventId: `${number}-${index}`,
    campaign: index % 7,
    domain: null,
    kind: 'CLICK',
    occurredAt: '2026-03-01T10:30:00.000Z',
  }))
  return { number, tenant: 'acme', events }
}

/**
 * Sends a flood of events for ten seconds of virtual time.
 * @returns the figures of the senders, and the problems that the ledger finds in the stored rows and in the rollup.
 */
async function flood(flaws: Flaws, deliverAs: (batch: Batch, attempt: number) => Batch = (batch) => batch) {
  const clock = new VirtualClock()
  const random = new Random('flood')
  const gateway = new FakeGateway(clock, random, flaws)
  const ledger = new Ledger()
  const options: SenderOptions = {
    batchOf,
    deliver: (batch, attempt) => gateway.track(deliverAs(batch, attempt)),
    ledger,
    random,
    clock,
    eventsPerMinute: 60_000,
    forMs: 10_000,
    impatientShare: 0,
  }
  const sending = sendFlood(options)
  await clock.runUntil(sending)
  const figures = await sending
  const batches = new Map<number, number>()
  for (const { eventId } of gateway.stored) {
    const number = Number(eventId.split('-')[0])
    batches.set(number, (batches.get(number) ?? 0) + 1)
  }
  return {
    figures,
    ledger,
    rows: ledger.compareBatches(batches),
    rollup: ledger.compareCounts('the rollup', gateway.hours, hourKey),
  }
}

describe('the check that each event of a flood is stored and counted once', () => {
  it('finds nothing wrong with a gateway that crashes and fails to send answers, but stores each event exactly once', async () => {
    const { figures, ledger, rows, rollup } = await flood({})
    expect([...ledger.problems, ...rows, ...rollup]).toEqual([])
    expect(ledger.open).toBe(0)
    expect(ledger.events).toBe(figures.events)
    expect(figures).toMatchObject({ batches: 200, events: 10_000 })
    expect(figures.retries).toBeGreaterThan(20)
    expect(figures.refused).toBeGreaterThan(5)
    expect(figures.latencies).toHaveLength(200)
  })

  it('notices a gateway that acknowledges before the commit', async () => {
    const { rows, rollup } = await flood({ acknowledgesEarly: true })
    expect(rows[0]).toContain('acknowledged events are missing')
    expect(rollup[0]).toContain('acknowledged events are missing')
  })

  it('notices a gateway that stores an event a second time if the event is sent again', async () => {
    const { rows } = await flood({ hasNoConflictClause: true })
    expect(rows[0]).toContain('events count twice')
  })

  it('notices a rollup that counts an event a second time if the event is sent again', async () => {
    const { rows, rollup } = await flood({ countsDuplicates: true })
    expect(rows).toEqual([])
    expect(rollup[0]).toContain('events count twice')
  })

  it('notices a sender that gives events new ids when it sends the events again', async () => {
    const { ledger, rows, rollup } = await flood({}, (batch, attempt) => ({
      ...batch,
      events: batch.events.map((event) => ({ ...event, eventId: `${event.eventId}-${attempt}` })),
    }))
    expect(ledger.problems).toEqual([])
    expect(rows[0]).toContain('events count twice')
    expect(rollup[0]).toContain('events count twice')
  })

  it('notices an answer with a wrong number of accepted events', () => {
    const ledger = new Ledger()
    const batch = batchOf(1)
    ledger.begin(batch)
    ledger.acknowledge(batch, { accepted: 40, duplicates: 0, errors: 0 }, 0)
    ledger.acknowledge(batch, { accepted: 50, duplicates: 0, errors: 0 }, 1)
    expect(ledger.problems).toEqual([
      'batch 1 of 50 events was answered with 40 + 0, 0 errors',
      'batch 1 of 50 events was accepted 90 times',
    ])
  })
})

describe('the senders of a flood of events', () => {
  it('measure latency from the moment at which a batch is due, so that a gateway that stalls cannot hide the latency', async () => {
    const clock = new VirtualClock()
    const ledger = new Ledger()
    const sending = sendFlood({
      batchOf,
      // The gateway stalls: it answers nothing during the first two seconds.
      deliver: async () => {
        await clock.pause(Math.max(0, 2000 - clock.now()))
        return { accepted: 50, duplicates: 0, errors: 0 }
      },
      ledger,
      random: new Random('stall'),
      clock,
      eventsPerMinute: 60_000,
      forMs: 2000,
      impatientShare: 0,
    })
    await clock.runUntil(sending)
    const { latencies } = await sending
    expect(latencies).toHaveLength(40)
    expect(Math.max(...latencies)).toBe(2000)
    expect(latencies.filter((ms) => ms >= 1000).length).toBe(21)
  })
})

/** An analytics event that a sender keeps until a gateway has acknowledged the event. */
export interface FloodEvent {
  readonly eventId: string
  /** Row id of the campaign. */
  readonly campaign: number
  /** Row id of a domain name of the campaign; null if the event belongs to no domain name. */
  readonly domain: number | null
  readonly kind: string
  /** ISO 8601 in UTC. */
  readonly occurredAt: string
}

/** Events that a sender sends together. Until a gateway acknowledges the batch, the sender repeats it with the same event ids. */
export interface Batch {
  /** Number of the batch in the run. The ids of the events begin with this number: `12-0`, `12-1`, … */
  readonly number: number
  readonly tenant: string
  readonly events: readonly FloodEvent[]
}

/** Answer of a gateway to a batch. */
export interface Receipt {
  readonly accepted: number
  readonly duplicates: number
  readonly errors: number
}

/** Numbers of events by a key, such as {@link hourKey}. */
export type Counts = ReadonlyMap<string, number>

interface Acknowledged {
  /** Time of the acknowledgement by the clock of the senders, ms. */
  readonly at: number
  /** Number of events of the tenant that were acknowledged up to this time. */
  readonly total: number
}

/** Returns the key of the rollup row in which an event is counted: tenant, campaign, kind and hour. */
export function hourKey(tenant: string, { campaign, kind, occurredAt }: Omit<FloodEvent, 'eventId' | 'domain'>): string {
  return `${tenant} ${campaign} ${kind} ${occurredAt.slice(0, 'YYYY-MM-DDTHH'.length)}`
}

/**
 * Record of the events that were sent and of the events that a gateway has acknowledged. Compares the record with the
 * events that are stored and counted.
 */
export class Ledger {
  readonly #begun: Batch[] = []
  readonly #acknowledged = new Set<number>()
  readonly #acceptedOf = new Map<number, number>()
  readonly #totals = new Map<string, Acknowledged[]>()
  readonly #begunTotals = new Map<string, number>()
  readonly #problems: string[] = []

  /** Sentences about gateway answers to a batch with wrong numbers of events. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** Number of events that were acknowledged. */
  get events(): number {
    return [...this.#totals.values()].reduce((sum, of) => sum + (of.at(-1)?.total ?? 0), 0)
  }

  /** Number of batches that no gateway has acknowledged. */
  get open(): number {
    return this.#begun.length - this.#acknowledged.size
  }

  /** Records a batch. Must be called before the batch is sent for the first time. */
  begin(batch: Batch): void {
    this.#begun.push(batch)
    this.#begunTotals.set(batch.tenant, (this.#begunTotals.get(batch.tenant) ?? 0) + batch.events.length)
  }

  /**
   * Records an answer to a batch. Must be called for each answer, even if the batch was already acknowledged.
   * @param at Time of the answer by the clock of the senders, ms.
   */
  acknowledge({ number, tenant, events }: Batch, { accepted, duplicates, errors }: Receipt, at: number): void {
    if (errors > 0 || accepted + duplicates !== events.length)
      this.#problems.push(`batch ${number} of ${events.length} events was answered with ${accepted} + ${duplicates}, ${errors} errors`)
    const acceptedSoFar = (this.#acceptedOf.get(number) ?? 0) + accepted
    this.#acceptedOf.set(number, acceptedSoFar)
    if (acceptedSoFar > events.length) this.#problems.push(`batch ${number} of ${events.length} events was accepted ${acceptedSoFar} times`)
    if (this.#acknowledged.has(number)) return
    this.#acknowledged.add(number)
    const history = this.#totals.get(tenant) ?? []
    this.#totals.set(tenant, history)
    history.push({ at, total: (history.at(-1)?.total ?? 0) + events.length })
  }

  /** Returns the number of a tenant's events that were acknowledged up to the given time. */
  acknowledgedBy(time: number, tenant: string): number {
    return this.#totals.get(tenant)?.findLast(({ at }) => at <= time)?.total ?? 0
  }

  /** Returns the number of a tenant's events that have been sent so far, acknowledged or not. */
  begunOf(tenant: string): number {
    return this.#begunTotals.get(tenant) ?? 0
  }

  /**
   * Compares the stored events with the batches that were sent.
   * @param stored How many events of each batch are stored, by the number of the batch.
   * @returns one sentence for each difference.
   */
  compareBatches(stored: ReadonlyMap<number, number>): readonly string[] {
    const sizes = new Map(this.#begun.map(({ number, events }) => [number, events.length]))
    const unknown = [...stored].filter(([number]) => !sizes.has(number)).map(([number]) => `batch ${number} is stored and was never sent`)
    const wrong = this.#begun.flatMap(({ number, events }) => {
      const found = stored.get(number) ?? 0
      const least = this.#acknowledged.has(number) ? events.length : 0
      return describe(`batch ${number}: stored events`, found, least, events.length)
    })
    return [...unknown, ...wrong]
  }

  /**
   * Compares counts of events with the events that were sent.
   * @param source Name of the source of the counts.
   * @param keyOf Returns the key by which the source counts an event.
   * @returns one sentence for each difference.
   */
  compareCounts(source: string, counted: Counts, keyOf: (tenant: string, event: FloodEvent) => string): readonly string[] {
    const bounds = new Map<string, { least: number; most: number }>()
    for (const { number, tenant, events } of this.#begun) {
      const isAcknowledged = this.#acknowledged.has(number)
      for (const event of events) {
        const key = keyOf(tenant, event)
        const bound = bounds.get(key) ?? { least: 0, most: 0 }
        bounds.set(key, bound)
        bound.most++
        if (isAcknowledged) bound.least++
      }
    }
    return [...new Set([...bounds.keys(), ...counted.keys()])].flatMap((key) => {
      const { least, most } = bounds.get(key) ?? { least: 0, most: 0 }
      return describe(`${source}: ${key}`, counted.get(key) ?? 0, least, most)
    })
  }
}

/** Returns a sentence about the number `found` if it is not between `least` and `most`, and otherwise nothing. */
function describe(what: string, found: number, least: number, most: number): readonly string[] {
  if (found >= least && found <= most) return []
  const cause = found < least ? 'acknowledged events are missing' : 'events count twice'
  return [`${what}: expected ${least === most ? most : `${least} to ${most}`}, got ${found} (${cause})`]
}

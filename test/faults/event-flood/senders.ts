import type { Random } from '#src/market/seed/random.ts'
import type { Batch, Ledger, Receipt } from './ledger.ts'

/** Error for a batch that was not acknowledged, so that the sender must send the batch again. */
export class NotAcknowledged extends Error {
  override readonly name = 'NotAcknowledged'
  /** Whether the gateway refused the batch because too many events were waiting (error code OVERLOADED). */
  readonly isRefused: boolean
  /** Pause that the gateway asks for, ms; undefined if the gateway asks for no pause. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: { readonly cause?: unknown; readonly isRefused?: boolean; readonly retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause })
    this.isRefused = options.isRefused ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}

export interface Clock {
  /** Returns a time that never goes backwards, ms. */
  now(): number
  pause(ms: number): Promise<void>
}

export interface SenderOptions {
  /** Creates the batch with the given number. */
  readonly batchOf: (number: number) => Batch
  /**
   * Sends a batch once, and waits for the answer for at most `patienceMs`. @param attempt Number of earlier attempts to
   * send this batch. @throws NotAcknowledged if no answer acknowledges the batch in this time.
   */
  readonly deliver: (batch: Batch, attempt: number, patienceMs: number) => Promise<Receipt>
  readonly ledger: Ledger
  readonly random: Random
  readonly clock: Clock
  /** Rate at which new events arrive at the senders. It does not depend on whether earlier events were acknowledged (open model). */
  readonly eventsPerMinute: number
  readonly forMs: number
  /** Share of batches, 0 to 1, whose sender disconnects before the first answer can arrive, and then sends the same batch again. */
  readonly impatientShare: number
}

export interface SenderFigures {
  readonly batches: number
  readonly events: number
  /** Times from the moment at which a batch was due until its acknowledgement, ms, one for each acknowledged batch. */
  readonly latencies: readonly number[]
  /** Number of attempts to send a batch again. */
  readonly retries: number
  /** Number of answers that refused a batch because too many events were waiting. */
  readonly refused: number
}

const PATIENCE_MS = 5000
const IMPATIENT_MS = 8
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 2000
/** Time after the last batch was due in which every batch must be acknowledged, ms. */
const GIVE_UP_MS = 30_000

/** Sends batches at the times at which the batches are due. Each batch is sent again, with the same event ids, until it is acknowledged. */
export async function sendFlood(options: SenderOptions): Promise<SenderFigures> {
  const { batchOf, ledger, clock, eventsPerMinute, forMs } = options
  const startedAt = clock.now()
  const latencies: number[] = []
  const counts = { events: 0, retries: 0, refused: 0 }
  const sending: Promise<void>[] = []
  let dueAt = startedAt
  for (let number = 0; dueAt < startedAt + forMs; number++) {
    const early = dueAt - clock.now()
    if (early > 0) await clock.pause(early)
    const batch = batchOf(number)
    ledger.begin(batch)
    counts.events += batch.events.length
    const due = dueAt
    sending.push(
      sendUntilAcknowledged(batch, options, counts, startedAt + forMs + GIVE_UP_MS).then((isAcknowledged) => {
        if (isAcknowledged) latencies.push(clock.now() - due)
      }),
    )
    dueAt += (batch.events.length / eventsPerMinute) * 60_000
  }
  await Promise.all(sending)
  return { batches: sending.length, latencies, ...counts }
}

/**
 * Sends a batch until a gateway acknowledges it.
 * @param until Time at which the sender gives up, ms.
 * @returns false if no gateway acknowledged the batch before that time.
 */
async function sendUntilAcknowledged(
  batch: Batch,
  { deliver, ledger, random, clock, impatientShare }: SenderOptions,
  counts: { retries: number; refused: number },
  until: number,
): Promise<boolean> {
  const isImpatient = random.chance(impatientShare)
  for (let attempt = 0; clock.now() < until; attempt++) {
    if (attempt > 0) counts.retries++
    try {
      const receipt = await deliver(batch, attempt, isImpatient && attempt === 0 ? IMPATIENT_MS : PATIENCE_MS)
      ledger.acknowledge(batch, receipt, clock.now())
      return true
    } catch (error) {
      if (!(error instanceof NotAcknowledged)) throw error
      if (error.isRefused) counts.refused++
      const pauseMs = error.retryAfterMs ?? Math.min(FIRST_PAUSE_MS * 2 ** attempt, MAX_PAUSE_MS)
      // A random factor in the pause prevents that senders which failed together also send again together.
      await clock.pause(pauseMs * (0.5 + random.next()))
    }
  }
  return false
}

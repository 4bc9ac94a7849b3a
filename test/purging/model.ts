import type { Edge } from '#src/operations/purging/edge.ts'
import { EdgePurger, type EdgePurgerOptions, type PurgeStep } from '#src/operations/purging/edge-purger.ts'
import type { LogPosition, PurgedRow } from '#src/operations/purging/purge-cursor.ts'
import type { PurgingEvent } from '#src/operations/purging/purging-event.ts'
import type { ManualEnv } from '../cache/manual-env.ts'

export const BOUND_MS = 1000
const LEASE_MS = 3000

/** A confirmed or failed call of the edge. */
export interface EdgeCall {
  readonly at: number
  readonly keys: readonly string[]
  readonly isConfirmed: boolean
}

/** The database and the edge of some purgers, in the time of a test. */
export class PurgeWorld {
  readonly env: ManualEnv
  readonly rows: PurgedRow[] = [{ seq: 1, epoch: 'e', at: 0, tags: ['*'] }]
  readonly calls: EdgeCall[] = []
  readonly events: PurgingEvent[] = []
  /** Times at which rows were written, by position. */
  readonly writtenAt = new Map<number, number>()
  cursor: LogPosition | null = null
  holder: string | null = null
  heldUntil = Number.NEGATIVE_INFINITY
  /** Number of next calls of the edge that fail. */
  failing = 0
  /** Whether the edge does not answer. */
  hangs = false
  /** Whether the database does not answer. */
  isDatabaseDown = false
  trimmedBefore = 0
  /** Maximum number of rows that the database reads in time. */
  maxRowsInTime = Number.POSITIVE_INFINITY
  /** Times of the hints to the other instances. */
  readonly hints: number[] = []

  constructor(env: ManualEnv) {
    this.env = env
  }

  write(...tags: readonly string[]): number {
    const seq = (this.rows.at(-1)?.seq ?? 0) + 1
    this.rows.push({ seq, epoch: 'e', at: this.env.now(), tags })
    this.writtenAt.set(seq, this.env.monotonic())
    return seq
  }

  /** Starts a process that purges. `crash` ends it as a kill does: nothing is released, and no more of its calls has an effect. */
  start(name: string, options: { readonly omit?: readonly PurgeStep[]; readonly maxKeys?: number; readonly intervalMs?: number } = {}) {
    const life = { isAlive: true }
    const guarded = async <Result>(work: () => Result): Promise<Result> => {
      if (!life.isAlive) return new Promise<never>(() => undefined)
      if (this.isDatabaseDown) throw new Error('connect ECONNREFUSED')
      return work()
    }
    const holds = () => this.holder === name
    const cursor: EdgePurgerOptions['cursor'] = {
      create: () => guarded(() => undefined),
      take: () =>
        guarded(() => {
          if (this.holder !== null && !holds() && this.env.monotonic() <= this.heldUntil) return undefined
          this.holder = name
          this.heldUntil = this.env.monotonic() + LEASE_MS
          return this.cursor
        }),
      renew: () =>
        guarded(() => {
          if (holds()) this.heldUntil = this.env.monotonic() + LEASE_MS
          return holds()
        }),
      advance: ({ seq, epoch, at }) =>
        guarded(() => {
          if (holds()) this.cursor = { seq, epoch, at }
          return holds()
        }),
      release: () =>
        guarded(() => {
          if (holds()) this.holder = null
        }),
      position: () => guarded(() => this.cursor),
      rowsAfter: (position, limit) =>
        guarded(() => {
          if (limit > this.maxRowsInTime) throw new Error('The database did not answer within 1000 ms.')
          const known = this.rows.find(({ seq }) => seq === position.seq && seq >= this.trimmedBefore)
          return known?.at === position.at ? this.rows.filter(({ seq }) => seq > position.seq).slice(0, limit) : undefined
        }),
      newestRow: () => guarded(() => this.rows.at(-1) as PurgedRow),
    }
    const edge: Edge = {
      name: 'edge',
      id: 'edge',
      maxKeys: options.maxKeys ?? 3,
      purge: async (keys, signal) => {
        if (!life.isAlive) return new Promise<never>(() => undefined)
        if (this.hangs) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        const isConfirmed = this.failing === 0
        this.failing = Math.max(0, this.failing - 1)
        this.calls.push({ at: this.env.monotonic(), keys, isConfirmed })
        if (!isConfirmed) throw new Error('503')
      },
    }
    const purger = new EdgePurger({
      edge,
      cursor,
      env: this.env,
      now: () => this.env.now(),
      leaseMs: LEASE_MS,
      stalenessBoundMs: BOUND_MS,
      intervalMs: options.intervalMs ?? 0,
      hint: () => this.hints.push(this.env.monotonic()),
      onEvent: (event) => life.isAlive && this.events.push(event),
      omit: new Set(options.omit),
    })
    purger.begin()
    return {
      purger,
      crash: () => {
        life.isAlive = false
      },
    }
  }

  /** Returns the times of the confirmed purges of a key after a moment, also by the key of everything. */
  purgesOf(key: string, after: number): readonly number[] {
    return this.calls
      .filter(({ at, keys, isConfirmed }) => isConfirmed && at >= after && (keys.includes(key) || keys.includes('public')))
      .map(({ at }) => at)
  }
}

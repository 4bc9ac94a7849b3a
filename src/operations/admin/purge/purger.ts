import type { Cache } from '../../../engine/cache/cache.ts'
import { MANAGEMENT_TAG } from '../../../engine/cache/model/entity.ts'
import type { Env } from '../../../engine/cache/model/env.ts'
import { GatewayError } from '../../../errors.ts'
import type { Purging } from '../../purging/purging.ts'
import type { Confirmation, PurgeResult } from '../contract.ts'
import type { InstanceRegistry, KnownInstance } from '../instances/instance-registry.ts'

export interface PurgerOptions {
  readonly cache: Pick<Cache, 'invalidate' | 'stats' | 'inventory'>
  readonly registry: Pick<InstanceRegistry, 'list' | 'report' | 'id'>
  readonly env: Pick<Env, 'monotonic' | 'setTimer'>
  readonly stalenessBoundMs: number
  /** Purges of the CDN; undefined if none is configured. */
  readonly purging: Pick<Purging, 'confirmed'> | undefined
}

export interface Purge {
  readonly tags: readonly string[]
  readonly dryRun: boolean
  /** Cause of the purge, for the invalidation log: who purges, and why. */
  readonly cause: string
}

const MAX_EXAMPLES = 20
const MAX_SHOWN_TAGS = 100
const POLL_MS = 25
/** Maximum time to wait for other processes, ms. It limits the wait if the staleness bound is longer. */
const MAX_WAIT_MS = 10_000
/** Time that is added to the staleness bound, because two processes measure time with different clocks, ms. */
const MARGIN_MS = 50

/** Invalidates tags on all processes and at the CDN, and waits until none of them serves an invalidated value any more. */
export class Purger {
  readonly #options: PurgerOptions

  constructor(options: PurgerOptions) {
    this.#options = options
  }

  /**
   * Invalidates the tags. Resolves when each process has applied the invalidation, or when the staleness bound has passed since. After that
   * time, a process that has not read the log serves no cached value, unless the value is marked as stale. If the tags concern public
   * responses, the CDN is purged, too: it takes at least the staleness bound and a second, or the result says that it is pending.
   * @throws GatewayError UNAVAILABLE if the invalidation could not be stored. It may be stored nevertheless; repeating it does no harm.
   */
  async purge({ tags, dryRun, cause }: Purge): Promise<PurgeResult> {
    const { cache, env } = this.#options
    const { count, examples } = await cache.inventory.matching(new Set(tags), MAX_EXAMPLES)
    const plan = {
      dryRun,
      tags: tags.slice(0, MAX_SHOWN_TAGS),
      tagCount: tags.length,
      matched: { count, examples: examples.map(({ key, tags: of }) => ({ key, tags: of.slice(0, MAX_SHOWN_TAGS) })) },
    }
    if (dryRun) return { ...plan, position: null, isComplete: false, instances: [], edges: [], waitedMs: 0 }
    try {
      await cache.invalidate([...tags, MANAGEMENT_TAG], cause)
    } catch (error) {
      throw new GatewayError('UNAVAILABLE', 'The invalidation log did not confirm the purge: purge again.', { cause: error })
    }
    const startedAt = env.monotonic()
    const { epoch, clock } = cache.stats()
    const [instances, edges] = await Promise.all([
      this.confirmed(({ epoch: theirs, clock: applied }) => theirs === epoch && applied >= clock),
      this.#options.purging?.confirmed({ epoch, clock }, tags) ?? [],
    ])
    // Without the list of processes, nothing is known of them.
    const isComplete = instances.length > 0 && [...instances, ...edges].every(({ state }) => state !== 'pending')
    const waitedMs = env.monotonic() - startedAt
    return { ...plan, position: { epoch, clock }, isComplete, instances: [...instances], edges: [...edges], waitedMs }
  }

  /** Waits until all processes confirm, or until the staleness bound has passed. Returns the state of each process. Never rejects. */
  async confirmed(isDone: (instance: KnownInstance) => boolean): Promise<readonly Confirmation[]> {
    const { env, registry } = this.#options
    const startedAt = env.monotonic()
    let known: readonly KnownInstance[] = []
    for (;;) {
      // This process has applied the invalidation already.
      known = await registry.list().catch(() => known)
      const open = known.filter((instance) => instance.id !== registry.id && !isDone(instance))
      const boundMs = MARGIN_MS + Math.max(this.#options.stalenessBoundMs, ...known.map(({ stalenessBoundMs }) => stalenessBoundMs))
      const passedMs = env.monotonic() - startedAt
      if ((known.length > 0 && open.length === 0) || passedMs >= Math.min(boundMs, MAX_WAIT_MS))
        return known.map((instance) => ({
          instance: instance.id,
          host: instance.host,
          state: !open.includes(instance) ? 'applied' : passedMs >= boundMs ? 'lease ended' : 'pending',
        }))
      await new Promise<void>((resolve) => void env.setTimer(resolve, POLL_MS))
    }
  }
}

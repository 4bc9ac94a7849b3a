import type { Coherence } from './coherence.ts'
import type { Entry } from './entry.ts'
import type { Env } from './env.ts'
import type { Filler } from './filler.ts'
import type { MemoryTier } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { CacheRequest } from './read.ts'
import type { Reader } from './reader.ts'
import type { SharedTier } from './shared-tier.ts'

/** One copy of a value, and whether it would be served now to a reader without a token. */
export interface CopyExplanation {
  readonly tags: readonly string[]
  readonly epoch: string
  /** Position of the log up to which nothing invalidated it. */
  readonly stamp: number
  readonly ageMs: number
  /** How long its age alone lets it be served as it is, ms; negative for one whose time ran out. */
  readonly freshMs: number
  readonly costMs: number
  readonly isServed: boolean
  readonly because: string
}

/** Where a value is, and what a reader would get now. Holds no value. */
export interface Explanation {
  readonly key: string
  readonly epoch: string
  readonly clock: number
  /** Since the newest sync, ms; Infinity after a write that no sync has seen. */
  readonly lagMs: number
  readonly hasLease: boolean
  readonly memory: CopyExplanation | undefined
  readonly shared: CopyExplanation | undefined
  /** A load under way. */
  readonly loading: { readonly stamp: number | undefined; readonly forMs: number | undefined } | undefined
}

export interface ExplainTools {
  readonly env: Env
  readonly coherence: Coherence
  readonly memory: MemoryTier
  readonly shared: SharedTier | undefined
  readonly filler: Filler
  readonly reader: Reader
}

interface Copy {
  readonly entry: Entry
  readonly freshMs: number
}

/** Looks at both tiers without changing either. */
export async function explain(request: CacheRequest, policy: CachePolicy, tools: ExplainTools): Promise<Explanation> {
  const { env, coherence, reader } = tools
  const describe = ({ entry, freshMs }: Copy): CopyExplanation => {
    const { tags, epoch, stamp, costMs } = entry
    return { tags, epoch, stamp, costMs, ageMs: coherence.now() - entry.loadedAt, freshMs, ...judge(entry, freshMs, policy, tools) }
  }
  const { memory, shared } = await copiesOf(request, policy, tools)
  const flight = reader.flight(request.key.text)
  return {
    key: request.key.text,
    epoch: coherence.epoch,
    clock: coherence.clock,
    lagMs: coherence.lagMs,
    hasLease: coherence.hasLease,
    memory: memory && describe(memory),
    shared: shared && describe(shared),
    loading: flight && {
      stamp: flight.departure?.stamp,
      forMs: flight.departure && env.monotonic() - flight.departure.startedAt,
    },
  }
}

/** The copies that would be served now to a reader without a token. */
export async function servedCopies(request: CacheRequest, policy: CachePolicy, tools: ExplainTools): Promise<readonly Entry[]> {
  const { memory, shared } = await copiesOf(request, policy, tools)
  return [memory, shared].flatMap((copy) => (copy && judge(copy.entry, copy.freshMs, policy, tools).isServed ? [copy.entry] : []))
}

async function copiesOf({ key }: CacheRequest, policy: CachePolicy, { env, coherence, memory, shared, filler }: ExplainTools) {
  const [stored] = (await shared?.getMany([key.text])) ?? []
  const held = memory.get(key.text)
  const entry = stored && { ...stored, slots: coherence.slots([...stored.tags, key.text]) }
  return {
    memory: held && { entry: held.entry, freshMs: held.freshUntil - env.monotonic() },
    shared: entry && { entry, freshMs: filler.remainingMs(policy, entry) },
  }
}

function judge(entry: Entry, freshMs: number, policy: CachePolicy, { coherence }: ExplainTools) {
  const refused = (because: string) => ({ isServed: false, because })
  if (entry.epoch !== coherence.epoch) return refused('it was read from another history of the database')
  if (entry.stamp > coherence.clock) return refused('it is newer than what was applied of the log: a barrier is needed first')
  if (!coherence.isCurrent(entry.epoch, entry.stamp, entry.slots))
    return refused('one of its tags was invalidated after its stamp, or its stamp is older than what is known of the log')
  if (entry.until <= coherence.now()) return refused('its value has changed by itself since')
  if (!coherence.hasLease) return refused('the log was not read within the staleness bound: a barrier is needed first')
  if (freshMs > 0) return { isServed: true, because: 'nothing invalidated it and its time has not run out' }
  if (freshMs + policy.staleWhileRevalidateMs > 0) return { isServed: true, because: 'nothing invalidated it; it is loaded anew meanwhile' }
  return refused('its time ran out')
}

import type { Cache } from '../../../engine/cache/cache.ts'
import type { CopyExplanation } from '../../../engine/cache/inspect/explain.ts'
import type { CachePolicy } from '../../../engine/cache/model/policy.ts'
import type { CacheRequest } from '../../../engine/cache/model/read.ts'
import { armOfName } from '../../../gateway/policies/experiment.ts'
import { namespaceOf, type PolicyOfKey } from '../../../gateway/policies/policies-of-keys.ts'
import type { Copy, KeyState, Write } from '../contract.ts'
import { copySentence, type SentenceFacts, seconds, writeText } from './part-sentences.ts'

/** A row of the invalidation log that this process has applied. */
export interface AppliedWrite {
  readonly seq: number
  /** Time of the row, Unix epoch ms. */
  readonly at: number
  /** Causes of the row. Each names its own tags, unless it is the only cause. */
  readonly causes: readonly { readonly cause: string; readonly tags?: readonly string[] }[]
  readonly tags: readonly string[]
}

export interface KeyInspectorOptions {
  readonly cache: Pick<Cache, 'explain' | 'inventory' | 'now'>
  readonly policyOf: PolicyOfKey
  /** Returns the newest rows of the invalidation log that this process has applied, newest first. */
  readonly recentWrites: () => readonly AppliedWrite[]
  readonly stalenessBoundMs: number
}

const LONG_MS = 30 * 24 * 60 * 60 * 1000

/** Says where the value of a key is cached, how old it is, and what invalidated it. */
export class KeyInspector {
  readonly #options: KeyInspectorOptions

  constructor(options: KeyInspectorOptions) {
    this.#options = options
  }

  /** Describes a key, without changing anything. @param policy Policy of its value; undefined to look it up. */
  async describe(request: CacheRequest, policy?: CachePolicy): Promise<KeyState> {
    const { cache, stalenessBoundMs } = this.#options
    const { tenant, text } = request.key
    const found = policy ?? this.#policyOf(text)
    const explanation = await cache.explain(request, found)
    const memory = explanation.memory && this.#copy(explanation.memory, text)
    const shared = explanation.shared && this.#copy(explanation.shared, text)
    const tags = explanation.memory?.tags ?? explanation.shared?.tags ?? request.tags
    const lastWrite = this.lastWrite([...tags, text])
    return {
      key: text,
      tenant,
      policy: armOfName(found.name).field,
      sentence: sentenceOf(memory, shared, lastWrite, { now: cache.now(), stalenessBoundMs }),
      memory: memory ?? null,
      shared: shared ?? null,
      loadingForMs: explanation.loading?.forMs ?? null,
      lastWrite,
    }
  }

  /** Returns the newest write after a log position that invalidated one of the tags; null if this process remembers none. */
  lastWrite(tags: readonly string[], after = 0): Write | null {
    const wanted = new Set([...tags, '*'])
    for (const { seq, at, causes, tags: written } of this.#options.recentWrites()) {
      if (seq <= after) return null
      const tag = written.find((one) => wanted.has(one))
      if (tag === undefined) continue
      // One row of the log can hold writes of several tenants. A caller sees only the causes of the tag.
      const own = causes.filter(({ tags: of }) => of === undefined || of.includes(tag))
      return { clock: seq, at: new Date(at).toISOString(), causes: own.map(({ cause }) => cause), tag }
    }
    return null
  }

  #copy({ isServed, because, ageMs, freshMs, costMs, stamp, tags }: CopyExplanation, key: string): Copy {
    const invalidatedBy = this.lastWrite([...tags, key], stamp)
    return { isServed, because, ageMs, freshMs, costMs, stamp, tags: [...tags], invalidatedBy }
  }

  /** Returns the policy of a key. For an unknown namespace, the lifetime that Redis stores with the entry decides. */
  #policyOf(text: string): CachePolicy {
    return (
      this.#options.cache.inventory.find(text)?.policy ??
      this.#options.policyOf(text) ?? {
        name: namespaceOf(text),
        l1Ms: LONG_MS,
        l2Ms: LONG_MS,
        staleWhileRevalidateMs: 0,
        staleIfErrorMs: 0,
      }
    )
  }
}

function sentenceOf(memory: Copy | undefined, shared: Copy | undefined, lastWrite: Write | null, facts: SentenceFacts): string {
  const copy = memory?.isServed ? memory : shared?.isServed ? shared : (memory ?? shared)
  const where = copy === memory ? 'in the memory of this process' : 'in Redis'
  const write = lastWrite && writeText(lastWrite)
  const since = lastWrite?.at ? `${seconds(facts.now - Date.parse(lastWrite.at))} ago` : ''
  if (!copy)
    return write ? `Not cached. The last invalidation was ${since} by ${write}.` : 'Not cached, and this process remembers no invalidation.'
  if (copy.isServed) return copySentence(copy, copy === memory ? 'the memory of this process' : 'Redis', lastWrite, facts)
  const { invalidatedBy } = copy
  return `A copy ${where}, ${seconds(copy.ageMs)} old, is not served: ${copy.because}.${invalidatedBy && write ? ` It was invalidated ${since} by ${write}.` : ''}`
}

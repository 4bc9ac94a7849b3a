import type { Inventory } from '../../../engine/cache/inspect/inventory.ts'
import type { Curve } from '../../../engine/cache/memory/miss-ratio-curve.ts'
import type { CacheRule, WrittenRule } from '../../../gateway/policies/cache-rules.ts'
import type { FieldFigures, TagFigures } from '../../telemetry/usage.ts'
import type { Report } from '../contract.ts'

export type Recommendation = Report['recommendations'][number]

/** Field that a fall of the hit rate names. It gets a recommendation, even if its figures are too small for one otherwise. */
export interface NamedByFall {
  readonly field: string
  readonly cause: keyof FieldFigures['misses']
  /** Cause of the writes that invalidated it, such as `mutation placeBid`; undefined if none is known. */
  readonly write: string | undefined
  /** Some of the tags that these writes invalidated. */
  readonly tags: readonly string[]
  /** Part of the fall that its misses are, points. */
  readonly points: number
  /** Reloads of the field in the lowest step of the fall, and those of them that were needless. */
  readonly reloads: number
  readonly needlessReloads: number
}

/** Processes that are alive. */
export interface Processes {
  readonly alive: number
  /** Beginnings of the ids of those whose dependencies differ from those of the process that answers, or that do not report them. */
  readonly others: readonly string[]
}

export interface AdviceOptions {
  readonly fields: readonly FieldFigures[]
  readonly tags: readonly TagFigures[]
  /** Length of the time range of the figures, ms. */
  readonly rangeMs: number
  readonly falls: readonly NamedByFall[]
  /** Current policy of a field: its values in the units of `@cache`, and its `depends` as written. Undefined without a policy. */
  readonly ruleOf: (
    field: string,
  ) => (Pick<WrittenRule, 'values' | 'depends'> & Partial<Pick<CacheRule, 'scope' | 'experiment'>>) | undefined
  /** Values that operators have set for a field at run time; `{}` if there are none. They stay, whatever is advised. */
  readonly overrideOf: (field: string) => WrittenRule['values']
  /** Names of the arguments of a field, and of the type that it returns, without lists; undefined for a name that is no field. */
  readonly shapeOf: (field: string) => { readonly arguments: readonly string[]; readonly type: string } | undefined
  /** Declared dimensions of each type that is read from a table. */
  readonly entities: ReadonlyMap<string, readonly string[]>
  /** Simulations of longer TTLs and of keys with fewer parts, by the process that answers. */
  readonly simulated: ReturnType<Inventory['simulations']>
  /** Maximum size of the cache in the memory of a process, bytes. */
  readonly memoryBytes: number
  /** Mean size of an entry in the memory of the process that answers, bytes; null if it is empty. */
  readonly entryBytes: number | null
  /** Miss ratio of the process that answers with less or more memory; undefined if nothing was read there. */
  readonly curve: Curve | undefined
  readonly processes: Processes
  /** Whether warming is on in the process that answers. */
  readonly isWarming: boolean
}

/** A field, and what its advice is made from. */
export interface FieldOptions extends AdviceOptions {
  readonly figures: FieldFigures
  /** Reads of the field, and of all fields. */
  readonly all: number
  readonly total: number
  /** Falls that name the field. */
  readonly own: readonly NamedByFall[]
  /** Mean size of an entry of the field, or else of any field, bytes; null if it is not known. */
  readonly entryBytes: number | null
  /** Loads a second. */
  readonly loadsPerSecond: number
}

import type { Cache } from '../../../engine/cache/cache.ts'
import type { Entity } from '../../../engine/cache/model/entity.ts'
import type { PolicyRegistry } from '../../../gateway/policies/policy-registry.ts'
import type { History } from '../../history/history.ts'
import type { PatternAdvice } from '../../history/pattern-advice.ts'
import type { StoredFigures } from '../../history/read-figures.ts'
import { ALIVE_MS, type InstanceRegistry, type KnownInstance } from '../instances/instance-registry.ts'
import { advise } from './advice.ts'
import type { AdviceOptions, NamedByFall, Processes, Recommendation } from './advice-options.ts'

export interface CurrentAdviceOptions {
  readonly cache: Pick<Cache, 'now'> & {
    readonly stats: () => Pick<ReturnType<Cache['stats']>, 'memoryBytes' | 'memoryEntries'>
    readonly inventory: Pick<Cache['inventory'], 'simulations' | 'missRatioCurve'>
  }
  readonly entities: readonly Entity[]
  readonly shapeOf: AdviceOptions['shapeOf']
  readonly policies: Pick<PolicyRegistry, 'overrideOf'> & {
    readonly rules: ReadonlyMap<string, NonNullable<ReturnType<AdviceOptions['ruleOf']>>>
  }
  readonly memoryBytes: number
  readonly registry: Pick<InstanceRegistry, 'id'> & {
    readonly list: () => Promise<readonly Pick<KnownInstance, 'id' | 'silentMs' | 'details'>[]>
  }
  /** Whether warming is on in this process. */
  readonly isWarming: boolean
}

/** Length of the beginning of an id by which the dashboard names a process. */
const ID_LENGTH = 8
/** Length of the time range whose figures decide what is recommended for an operation, ms. */
const RANGE_MS = 3_600_000

/** Returns what to change by the figures of all processes and the simulations of this one. @param falls Falls of the hit rate that name a field. */
export async function currentAdvice(
  { fields, tags, range }: Pick<StoredFigures, 'fields' | 'tags' | 'range'>,
  falls: readonly NamedByFall[],
  { cache, entities, shapeOf, policies, memoryBytes, registry, isWarming }: CurrentAdviceOptions,
): Promise<readonly Recommendation[]> {
  return advise({
    fields,
    tags,
    rangeMs: range.to - range.from,
    falls,
    ruleOf: (field) => policies.rules.get(field),
    overrideOf: (field) => policies.overrideOf('operator', field),
    shapeOf,
    entities: new Map(entities.map(({ type, dimensions }) => [type, dimensions])),
    simulated: cache.inventory.simulations(),
    memoryBytes,
    entryBytes: entryBytesOf(cache.stats()),
    curve: cache.inventory.missRatioCurve(),
    processes: await processesOf(registry),
    isWarming,
  })
}

/**
 * Returns what to recommend for each operation that this process knows, by the figures of the last hour: of the recommendations for the fields
 * that it reads, the one that gains most points. Returns nothing if another living process has run for longer: its simulations know more, and two
 * processes would replace the recommendations of each other again and again.
 * @param policiesByOperation Returns the policies that each operation of this process reads.
 */
export async function adviceByOperation(
  history: Pick<History, 'figures'>,
  {
    policiesByOperation,
    ...options
  }: CurrentAdviceOptions & { readonly policiesByOperation: () => ReadonlyMap<string, readonly string[]> },
): Promise<readonly PatternAdvice[]> {
  const { registry } = options
  const [oldest] = await livingIn(registry)
  if (oldest?.id !== registry.id) return []
  const now = options.cache.now()
  const found = await currentAdvice(await history.figures({ from: now - RANGE_MS, to: now }), [], options)
  return [...policiesByOperation()].map(([operation, policies]) => {
    const best = found.find(({ subject }) => policies.includes(subject))
    return { operation, recommendation: best && { code: best.code, subject: best.subject, change: best.change, points: best.gain.points } }
  })
}

/** Returns the mean size of an entry in memory; null without entries. */
function entryBytesOf({ memoryBytes, memoryEntries }: ReturnType<CurrentAdviceOptions['cache']['stats']>): number | null {
  return memoryEntries === 0 ? null : memoryBytes / memoryEntries
}

/** Returns the processes that are alive, oldest first. */
async function livingIn(registry: CurrentAdviceOptions['registry']) {
  return (await registry.list()).filter(({ silentMs }) => silentMs < ALIVE_MS)
}

/** Compares the dependencies of the living processes with those of this one. */
async function processesOf(registry: CurrentAdviceOptions['registry']): Promise<Processes> {
  const alive = await livingIn(registry)
  const own = alive.find(({ id }) => id === registry.id)?.details.dependencies
  const others = alive.filter(({ id, details }) => id !== registry.id && (own === undefined || details.dependencies !== own))
  return { alive: alive.length, others: others.map(({ id }) => id.slice(0, ID_LENGTH)) }
}

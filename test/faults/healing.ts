import type { FaultContext, FaultResult } from './fault.ts'
import type { FaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import type { History } from './history.ts'
import type { InstanceSettings, ReadResult } from './protocol.ts'
import type { ThingRow } from './things.ts'

export interface Healing {
  readonly context: FaultContext
  readonly history: History
  /** The database, connected directly and not through a link that may still be broken. */
  readonly database: FaultDatabase
  readonly instances: readonly Instance[]
  /** Settings of an instance that connects directly to all servers. */
  readonly settings: InstanceSettings
}

const BATCH = 500
/** Tenant whose row is written to learn the newest log position. The comparison ignores this tenant. */
const OWN_TENANT = 'healing'

/**
 * Checks the state after the fault, when all writes have ended. The values that each instance serves to a reader with
 * the newest token, and the values that a new instance accepts from Redis, must equal the rows of the database, and no
 * acknowledged write may be missing.
 * @returns the number of values that the new instance took from Redis.
 */
export async function checkHealed({ context, history, database, instances, settings }: Healing): Promise<number> {
  const [first] = instances
  if (!first) throw new RangeError('No instance is left to be checked.')
  const token = await newestPosition(first)
  const rows = (await database.rows()).filter(({ tenant }) => tenant !== OWN_TENANT)
  history.compareAcknowledged(rows)
  const keys = allKeys(rows, history)
  await Promise.all(
    instances.map(async (instance) => history.compare(rows, await readAll(instance, keys, token), `instance ${instance.index}`)),
  )
  if (settings.redisUrl === undefined) return 0
  const { instances: newcomers } = await context.fleet({ ...settings, instances: 1 })
  const found = await readAll(newcomers[0] as Instance, keys, token)
  history.compare(rows, found, 'Redis', ['l2'])
  return [...found.values()].filter((result) => 'layer' in result && result.layer === 'l2').length
}

/** Builds the result of a fault from the history of its operations. */
export function resultOf(history: History, recoveryMs?: number, figures: Readonly<Record<string, number | string>> = {}): FaultResult {
  return {
    operations: history.operations,
    anomalies: history.anomalyCount,
    firstAnomalies: history.anomalies,
    recoveryMs,
    figures: { 'read errors': history.readErrors, 'write errors': history.writeErrors, 'stale reads': history.staleReads, ...figures },
  }
}

/** Returns a consistency token that covers everything that was committed before this function was called. */
async function newestPosition(instance: Instance): Promise<string> {
  const result = await instance.write({ tenant: OWN_TENANT, id: 1 })
  if ('error' in result) throw new Error(`A write failed after healing: ${result.error}`)
  return result.token
}

/** Returns the keys of existing rows and of all rows that were ever written, by tenant. */
function allKeys(rows: readonly ThingRow[], history: History): ReadonlyMap<string, ReadonlySet<number>> {
  const keys = new Map<string, Set<number>>()
  for (const [tenant, id] of [...rows.map((row) => [row.tenant, row.id] as const), ...history.keys]) {
    const ids = keys.get(tenant) ?? new Set<number>()
    keys.set(tenant, ids.add(id))
  }
  return keys
}

async function readAll(
  instance: Instance,
  keys: ReadonlyMap<string, ReadonlySet<number>>,
  token: string,
): Promise<ReadonlyMap<string, ReadResult>> {
  const served = new Map<string, ReadResult>()
  for (const [tenant, wanted] of keys) {
    const all = [...wanted]
    for (let start = 0; start < all.length; start += BATCH) {
      const ids = all.slice(start, start + BATCH)
      const results = await instance.read({ tenant, ids, token })
      ids.forEach((id, position) => {
        served.set(`${tenant}/${id}`, results[position] as ReadResult)
      })
    }
  }
  return served
}

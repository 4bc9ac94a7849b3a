import assert from 'node:assert/strict'
import type { FaultContext } from './fault.ts'
import type { FaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import { type History, readAndCheck, writeAndRecord } from './history.ts'
import { type Link, startLink } from './link.ts'
import type { InstanceSettings } from './protocol.ts'
import { until } from './until.ts'

const TICK_MS = 75
export const STALENESS_BOUND_MS = 1000
const STATEMENT_TIMEOUT_MS = 1000
const READ_DEADLINE_MS = 1500
/**
 * Maximum time until a strict read fails. A failed sync, and possibly a wait for an earlier failing sync, come before
 * the load.
 */
const STRICT_FAILURE_MS = STALENESS_BOUND_MS + READ_DEADLINE_MS
/**
 * Maximum time until a write fails. A write has no deadline of its own: the driver's connection timeout and statement
 * timeout end it.
 */
const WRITE_FAILURE_MS = 3000 + STATEMENT_TIMEOUT_MS + 1000
/**
 * Maximum time until instances sync again. A sync that was sent during the outage ends at its deadline, and the next
 * sync follows within two intervals.
 */
const FOLLOWS_MS = STALENESS_BOUND_MS / 2 + 2 * 1.25 * TICK_MS
/**
 * Maximum time for which loads that were sent during the outage hold connections of the pool: until the driver's
 * timeout ends them.
 */
const MAX_HANGING_LOAD_MS = STATEMENT_TIMEOUT_MS + 1000
/** Tolerance for a busy machine. */
const SLACK_MS = 500
const TENANT = 'umbrella'
const KEYS = [1, 2, 3, 4, 5]

/** An outage of the link between instances and their database, with checks during and after the outage. */
export interface Outage {
  readonly link: Link
  readonly instances: readonly Instance[]
  /** Settings of an instance that connects to the database directly. */
  readonly settings: InstanceSettings
  /**
   * Checks on every instance that strict reads fail in time, that tolerant reads are flagged as stale, and that writes
   * fail.
   * @param inDoubt Whether a COMMIT may have been in flight when the link broke. A tolerant read may then fail as well,
   * because a cached copy could be older than a write of the same instance.
   * @returns the longest time until a strict read failed, ms.
   */
  probe(inDoubt: boolean): Promise<number>
  /** Changes the probed rows directly in the database, in one transaction per row. */
  changeOutside(): Promise<void>
  /**
   * Ends the outage. @returns the time until every instance syncs the log again, and the time until it returns the
   * changes of `changeOutside`, ms.
   */
  heal(): Promise<{ readonly followsMs: number; readonly convergedMs: number }>
}

export async function prepareOutage(context: FaultContext, database: FaultDatabase, history: History): Promise<Outage> {
  const redis = await context.redis()
  const link = await startLink(Number(new URL(database.url).port))
  context.defer(() => link.close())
  const settings: InstanceSettings = {
    databaseUrl: database.url,
    redisUrl: redis.url,
    tickMs: TICK_MS,
    stalenessBoundMs: STALENESS_BOUND_MS,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    readDeadlineMs: READ_DEADLINE_MS,
  }
  const { instances } = await context.fleet({ ...settings, databaseUrl: database.urlThrough(link.port), instances: 2 })
  for (const id of KEYS) await writeAndRecord(history, instances[0] as Instance, { tenant: TENANT, id })
  for (const instance of instances) {
    await readAndCheck(history, instance, { tenant: TENANT, ids: KEYS })
    await readAndCheck(history, instance, { tenant: TENANT, ids: KEYS, tolerant: true })
  }
  const changed = new Map<number, number>()

  const probeStrict = async (instance: Instance) => {
    const sentAt = performance.now()
    const results = await readAndCheck(history, instance, { tenant: TENANT, ids: KEYS })
    const durationMs = performance.now() - sentAt
    for (const result of results) assert.ok('error' in result, `a strict read gave ${JSON.stringify(result)}`)
    assert.ok(durationMs <= STRICT_FAILURE_MS + SLACK_MS, `a strict read took ${Math.round(durationMs)} ms to fail`)
    return durationMs
  }
  const probeTolerant = async (instance: Instance, inDoubt: boolean) => {
    for (const result of await readAndCheck(history, instance, { tenant: TENANT, ids: KEYS, tolerant: true })) {
      if (inDoubt && 'error' in result) continue
      assert.equal('layer' in result ? result.layer : result.error, 'stale', 'a tolerant read is flagged')
    }
  }
  const probeWrite = async (instance: Instance) => {
    const sentAt = performance.now()
    // Writes a row that no tolerant read uses: after a write with unknown outcome the writing instance would serve no
    // stale copy of the row.
    const result = await writeAndRecord(history, instance, { tenant: 'cyberdyne', id: 1 })
    assert.ok('error' in result, 'a write fails')
    assert.equal(result.token, undefined, 'a write that never reached the database has no unknown outcome')
    const durationMs = performance.now() - sentAt
    assert.ok(durationMs <= WRITE_FAILURE_MS + SLACK_MS, `a write took ${Math.round(durationMs)} ms to fail`)
  }
  return {
    link,
    instances,
    settings,
    probe: async (inDoubt) => {
      const probes = instances.map(async (instance) => {
        const [durationMs] = await Promise.all([probeStrict(instance), probeTolerant(instance, inDoubt), probeWrite(instance)])
        return durationMs
      })
      return Math.max(...(await Promise.all(probes)))
    },
    changeOutside: async () => {
      for (const id of KEYS) {
        const [row] = await database.query(
          `update things set version = version + 1, payload = concat_ws('/', tenant_id, id, version + 1, 'outside', '')
           where tenant_id = $1 and id = $2 returning version, payload`,
          [TENANT, id],
        )
        const version = Number(row?.['version'])
        changed.set(id, version)
        history.recordCommit({ tenant: TENANT, id, version, payload: String(row?.['payload']) }, performance.now())
      }
    },
    heal: async () => {
      link.mode = 'pass'
      const follows = instances.map((instance) =>
        until(async () => (await instance.stats()).cache.hasLease, FOLLOWS_MS + SLACK_MS, `the lease of instance ${instance.index}`),
      )
      const converged = instances.map((instance) =>
        until(
          async () => {
            const results = await readAndCheck(history, instance, { tenant: TENANT, ids: KEYS })
            return results.every((result, position) => 'version' in result && result.version === changed.get(KEYS[position] as number))
          },
          FOLLOWS_MS + MAX_HANGING_LOAD_MS + SLACK_MS,
          `what was changed outside, on instance ${instance.index}`,
        ),
      )
      return { followsMs: Math.max(...(await Promise.all(follows))), convergedMs: Math.max(...(await Promise.all(converged))) }
    },
  }
}

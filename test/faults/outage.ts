import assert from 'node:assert/strict'
import type { FaultContext } from './fault.ts'
import type { FaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import { type History, readAndCheck, writeAndRecord } from './history.ts'
import { type Link, startLink } from './link.ts'
import type { InstanceSettings } from './protocol.ts'
import { until } from './until.ts'

export const TICK_MS = 75
export const STALENESS_BOUND_MS = 1000
const STATEMENT_TIMEOUT_MS = 1000
const READ_DEADLINE_MS = 1500
/** A barrier that fails, and one that must wait until another has failed before it, come before the load. */
const STRICT_FAILURE_MS = STALENESS_BOUND_MS + READ_DEADLINE_MS
/** A write has no deadline of its own: it is the driver's time for a connection and for a statement that ends it. */
const WRITE_FAILURE_MS = 3000 + STATEMENT_TIMEOUT_MS + 1000
/** A sync that was sent into the outage is given up at its deadline, and the next one comes within two ticks. */
const FOLLOWS_MS = STALENESS_BOUND_MS / 2 + 2 * 1.25 * TICK_MS
/** Loads that were sent into the outage hold the pool's connections until the driver gives them up. */
const LONGEST_HANGING_LOAD_MS = STATEMENT_TIMEOUT_MS + 1000
/** For a machine that does much else. */
const SLACK_MS = 500
const TENANT = 'umbrella'
const KEYS = [1, 2, 3, 4, 5]

/** Instances that reach their database by a link, and what of them is right while it is broken and after it is whole again. */
export interface Outage {
  readonly link: Link
  readonly instances: readonly Instance[]
  /** Of an instance that reaches the database directly. */
  readonly settings: InstanceSettings
  /**
   * On every instance strict reads fail in time, tolerant ones are flagged, writes fail.
   * @param inDoubt Whether a COMMIT may have been on the wire when the way broke: then a tolerant read may fail as well, because a
   * copy could be older than a write of the same instance.
   * @returns the slowest failure of a strict read, ms.
   */
  probe(inDoubt: boolean): Promise<number>
  /** Changes the probed rows beside all instances, in one transaction for each. */
  changeOutside(): Promise<void>
  /** Ends the outage. @returns how long it takes until every instance follows the log again, and gives what was changed outside, ms. */
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
    // Not a row that tolerant reads are made of: after a write of unknown outcome there would be none of its instance.
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
          FOLLOWS_MS + LONGEST_HANGING_LOAD_MS + SLACK_MS,
          `what was changed outside, on instance ${instance.index}`,
        ),
      )
      return { followsMs: Math.max(...(await Promise.all(follows))), convergedMs: Math.max(...(await Promise.all(converged))) }
    },
  }
}

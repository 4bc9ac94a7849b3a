import { fileURLToPath } from 'node:url'
import { createClaim } from '../../engine/redis/claims.ts'
import type { RedisHandle } from '../../engine/redis/open-redis.ts'
import type { GatewayGraphQL } from '../../gateway/graphql/endpoint/create-graphql.ts'
import { checkWarmFile } from '../../gateway/warming/check-warm-file.ts'
import { Replay } from '../../gateway/warming/replay.ts'
import { schemaVersion } from '../../gateway/warming/schema-version.ts'
import { readWarmFile } from '../../gateway/warming/warm-file.ts'
import { WarmSchedule, type WarmScheduleOptions } from './warm-schedule.ts'

export interface OpenWarmScheduleOptions extends Omit<WarmScheduleOptions, 'operations' | 'claim'> {
  /** File with queries to be warmed; undefined if there is none. */
  readonly file: string | undefined
  /** Whether the dashboards of active tenants are warmed, too. */
  readonly dashboards: boolean
  readonly graphql: Pick<GatewayGraphQL, 'gateway' | 'execution'>
  readonly redis: RedisHandle | undefined
  /** Prefix of all keys in Redis. */
  readonly prefix: string
}

/** The file with the queries of the dashboards. */
export const DASHBOARDS_FILE = fileURLToPath(new URL('../../../warm/dashboards.graphql', import.meta.url))

/**
 * Reads the files with queries to be warmed and prepares their schedule.
 * @throws GatewayError CONFIGURATION that names the file and, for each problem, the line, the query and the remedy.
 */
export async function openWarmSchedule(options: OpenWarmScheduleOptions): Promise<WarmSchedule> {
  const { file, dashboards, graphql, redis, prefix, env, onFailed } = options
  const { schema } = graphql.gateway
  const replay = new Replay(graphql.execution)
  const read = async (path: string) => checkWarmFile(path, await readWarmFile(path), { schema, replay, now: env.now() })
  // If an operator has set strict limits for requests, the queries of the dashboards may exceed these limits. The gateway then starts
  // without warming the dashboards.
  const refused = (error: unknown) => {
    onFailed(error)
    return []
  }
  const operations = [...(dashboards ? await read(DASHBOARDS_FILE).catch(refused) : []), ...(file === undefined ? [] : await read(file))]
  // If Redis is configured, a process claims each run of the schedule in Redis before it executes the run. Releases with different schema
  // versions have different cache keys or policies. Each of these releases must warm its own values, so the Redis key of a claim contains
  // the schema version.
  const claim = redis ? createClaim(redis.client, `${prefix}:${schemaVersion(graphql.gateway)}`) : async () => true
  return new WarmSchedule({ ...options, operations, claim })
}

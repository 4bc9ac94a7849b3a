import type { Config } from '../config/config.ts'
import { systemEnv } from '../engine/cache/index.ts'
import type { GatewayGraphQL } from '../gateway/graphql/endpoint/create-graphql.ts'
import type { LiveEvent } from '../gateway/live/live-options.ts'
import { LiveQueries } from '../gateway/live/live-queries.ts'

/** Creates the live queries of a gateway. @param onEvent Counts an event in the metrics. */
export function openLive({ server, cache }: Config, { execution }: GatewayGraphQL, onEvent: (event: LiveEvent) => void): LiveQueries {
  const now = () => execution.cache.now()
  return new LiveQueries({ ...execution, ...server.live, now, env: systemEnv, stalenessBoundMs: cache.stalenessBoundMs, onEvent })
}

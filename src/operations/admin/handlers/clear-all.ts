import { type Endpoint, endpoint } from '../endpoint.ts'
import { causeOfCall } from '../purge/cause-of-call.ts'
import { clearAllBody, purgeResult } from '../schemas/purges.ts'
import type { PurgeHandlerOptions } from './invalidate.ts'

/** POST /clear-all: invalidates all values of a tenant, or of every tenant. */
export function clearAllEndpoint({ purger, targets }: PurgeHandlerOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/clear-all',
    summary: 'Invalidates all values of a tenant, or of every tenant',
    description: 'The name of the tenant, or `all`, must be typed as a confirmation. Answers when no process serves an old value any more.',
    body: clearAllBody,
    answer: purgeResult,
    handle: ({ caller, body }) =>
      purger.purge({
        tags: targets.ofClearAll(body, caller),
        dryRun: body.dryRun,
        cause: causeOfCall(caller, 'clear-all', body.reason),
      }),
  })
}

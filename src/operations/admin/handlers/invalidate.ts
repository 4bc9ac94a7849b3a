import type { Endpoint } from '../endpoint.ts'
import { endpoint } from '../endpoint.ts'
import { causeOfCall } from '../purge/cause-of-call.ts'
import type { PurgeTargets } from '../purge/purge-targets.ts'
import type { Purger } from '../purge/purger.ts'
import { invalidateBody, purgeResult } from '../schemas/purges.ts'

export interface PurgeHandlerOptions {
  readonly purger: Pick<Purger, 'purge'>
  readonly targets: PurgeTargets
}

/** POST /invalidate: invalidates tags, types, a table or a key on all processes. */
export function invalidateEndpoint({ purger, targets }: PurgeHandlerOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/invalidate',
    summary: 'Invalidates values by tag, type, table or key',
    description:
      'Answers when no process serves an invalidated value any more. The answer names each process and how that is known. If one item is wrong, nothing is invalidated. A filter that selects everything is refused.',
    body: invalidateBody,
    answer: purgeResult,
    handle: async ({ caller, body }) => {
      const tags = await targets.ofInvalidate(body, caller)
      return purger.purge({ tags, dryRun: body.dryRun, cause: causeOfCall(caller, 'invalidate', body.reason) })
    },
  })
}

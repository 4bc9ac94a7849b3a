import type { Cache } from '../../../engine/cache/cache.ts'
import { Binary } from '../../../engine/cache/model/binary.ts'
import { tenantOf } from '../access.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { KeyInspector } from '../keys/key-inspector.ts'
import { causeOfCall } from '../purge/cause-of-call.ts'
import { checkedKey } from '../purge/purge-targets.ts'
import type { Purger } from '../purge/purger.ts'
import { deleteKeyBody, look, lookQuery } from '../schemas/keys.ts'
import { purgeResult } from '../schemas/purges.ts'

export interface LookOptions {
  readonly cache: Pick<Cache, 'inventory'>
  readonly inspector: Pick<KeyInspector, 'describe'>
}

/** GET /key: shows a cached value, and where it is cached. */
export function lookEndpoint({ cache, inspector }: LookOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/key',
    summary: 'Shows a key and its value',
    description: 'An ADMIN sees the values of the own tenant. An OPERATOR sees no value, because values are data of a tenant.',
    query: lookQuery,
    answer: look,
    handle: async ({ caller, query }) => {
      const { key, tenant } = checkedKey(query.key, tenantOf(caller, undefined))
      const state = await inspector.describe({ key: { tenant, text: key }, tags: [tenant] })
      const isRedacted = caller.role !== 'ADMIN' || caller.tenant !== tenant
      const found = isRedacted ? undefined : await cache.inventory.valueOf(key)
      return { ...state, isRedacted, ...(found ? { value: shown(found.value) } : {}) }
    },
  })
}

/** POST /key/delete: invalidates one key on all processes. */
export function deleteKeyEndpoint({ purger }: { readonly purger: Pick<Purger, 'purge'> }): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/key/delete',
    summary: 'Invalidates one key',
    description: 'Other keys keep their values. Answers when no process serves the value any more.',
    body: deleteKeyBody,
    answer: purgeResult,
    handle: ({ caller, body }) => {
      const { key } = checkedKey(body.key, tenantOf(caller, undefined))
      return purger.purge({ tags: [key], dryRun: body.dryRun, cause: causeOfCall(caller, 'delete key', body.reason) })
    },
  })
}

/** Returns a value as JSON can show it. A whole answer is stored as the bytes of its JSON. */
function shown(value: unknown): unknown {
  if (!(value instanceof Binary)) return value
  try {
    return JSON.parse(Buffer.from(value.bytes).toString())
  } catch {
    return Buffer.from(value.bytes).toString('base64')
  }
}

import type { PolicyRegistry } from '../../../gateway/policies/policy-registry.ts'
import type { Policies } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { PolicyStore } from '../policies/policy-store.ts'
import { causeOfCall } from '../purge/cause-of-call.ts'
import type { Purger } from '../purge/purger.ts'
import { changePoliciesBody, changePoliciesResult, policies as policiesAnswer } from '../schemas/policies.ts'

export interface PoliciesOptions {
  readonly policies: PolicyRegistry
  readonly store: PolicyStore
}

export interface ChangePoliciesOptions extends PoliciesOptions {
  readonly purger: Pick<Purger, 'confirmed'>
  /** Tells the other processes that the stored policies have changed. */
  readonly announce: (cause: string) => Promise<void>
}

/** GET /policies: the cache policies that apply now, with the overrides that operators set. */
export function policiesEndpoint(options: PoliciesOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/policies',
    summary: 'Lists the cache policies',
    description: 'The policies of the schema, with the overrides of the configuration and of operators.',
    answer: policiesAnswer,
    handle: () => currentPolicies(options),
  })
}

/** POST /policies: sets and removes overrides of cache policies. */
export function changePoliciesEndpoint({ purger, announce, ...options }: ChangePoliciesOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/policies',
    summary: 'Sets and removes overrides of cache policies',
    description:
      'The overrides are stored in the database. All processes use them, also after a restart. Policies apply to all tenants, so only an OPERATOR may change them. If one item is wrong, nothing is changed. A shorter life applies to cached values at once.',
    roles: ['OPERATOR'],
    body: changePoliciesBody,
    answer: changePoliciesResult,
    handle: async ({ caller, body }) => {
      const { set, reset, reason } = body
      const version = await options.store.change({ set, reset, reason, by: `${caller.userId} of ${caller.tenant}` })
      // The change is stored. A process that does not get the announcement finds the change with its next report.
      await announce(causeOfCall(caller, 'policies', reason)).catch(() => undefined)
      const instances = await purger.confirmed(({ policies }) => policies >= version)
      return {
        ...(await currentPolicies(options)),
        // The staleness bound says nothing about policies: a process that has not confirmed may still use the old ones.
        instances: instances.map((one) => (one.state === 'lease ended' ? { ...one, state: 'pending' as const } : one)),
      }
    },
  })
}

async function currentPolicies({ policies, store }: PoliciesOptions): Promise<Policies> {
  const stored = await store.read()
  return {
    version: store.version,
    policies: [...policies.rules.values()].map(({ coordinate, scope, values, isOverridden }) => {
      const override = stored.get(coordinate)
      return {
        coordinate,
        scope,
        values,
        isOverridden,
        override: override ? { values: override.values, by: override.by, at: override.at, reason: override.reason } : null,
      }
    }),
  }
}

import type { PolicyRegistry } from '../../../gateway/policies/policy-registry.ts'
import type { Policies } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { PolicyStore } from '../policies/policy-store.ts'
import { type SpreadOptions, spreadChange } from '../policies/spread-change.ts'
import { causeOfCall } from '../purge/cause-of-call.ts'
import { changePoliciesBody, changePoliciesResult, policies as policiesAnswer } from '../schemas/policies.ts'

export interface PoliciesOptions {
  readonly policies: PolicyRegistry
  readonly store: PolicyStore
}

export interface ChangePoliciesOptions extends PoliciesOptions, SpreadOptions {}

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
export function changePoliciesEndpoint(options: ChangePoliciesOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/policies',
    summary: 'Sets and removes overrides of cache policies',
    description:
      'The overrides are stored in the database. All processes use them, also after a restart. Policies apply to all tenants, so only an OPERATOR may change them. If one item is wrong, nothing is changed. A policy on which an experiment runs cannot be changed. A shorter life applies to cached values at once.',
    roles: ['OPERATOR'],
    body: changePoliciesBody,
    answer: changePoliciesResult,
    handle: async ({ caller, body }) => {
      const { set, reset, reason } = body
      const version = await options.store.change({ set, reset, reason, by: `${caller.userId} of ${caller.tenant}` })
      const instances = await spreadChange(options, version, causeOfCall(caller, 'policies', reason))
      return { ...(await currentPolicies(options)), instances }
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

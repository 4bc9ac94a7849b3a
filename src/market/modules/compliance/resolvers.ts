import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import type { Module } from '../../../gateway/contract/module.ts'
import type { CallerHashes } from '../../rules/caller.ts'
import { buyerType } from '../buyers/entity.ts'
import { campaignType } from '../campaigns/entity.ts'
import type { NoMore } from '../no-more.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { userType } from '../tenants/entity.ts'
import { listSuppressions, readCallerStatus } from './queries.ts'
import { recordConsent, revokeConsent, suppressCaller, unsuppressCaller } from './writes.ts'

/** Number of bytes of a hash that are shown: enough to recognise a caller, too few to be sure of one. */
const SHOWN_BYTES = 4

const shown = ({ caller }: { readonly caller: Uint8Array }) => Buffer.from(caller.subarray(0, SHOWN_BYTES)).toString('hex')

const actor = (subject: string | null) => (subject === null ? null : { subject })

/** Creates the module of suppressions, consents and do-not-call lists. Its reads are strict: nothing of it is cached. */
export function createComplianceModule(hashes: CallerHashes): Module {
  const resolvers: Resolvers = {
    Query: {
      suppressions: (_root, args, context) => listSuppressions(context.uncached, args),
      callerStatus: (_root, args, context) => readCallerStatus(context.uncached, hashes, args),
    },
    Suppression: {
      id: (suppression) => toGlobalId('Suppression', suppression.id),
      caller: shown,
      madeBy: ({ madeBy }) => actor(madeBy),
      campaign: ({ scope, scopeId }, _args, context) => (scope === 'CAMPAIGN' ? context.load(campaignType, scopeId) : null),
      buyer: ({ scope, scopeId }, _args, context) => (scope === 'BUYER' ? context.load(buyerType, scopeId) : null),
    },
    SuppressionConnection: {
      nodes: ({ edges }) => edges.map(({ node }) => node),
      pageInfo: ({ cursors, hasNextPage, hasPreviousPage }) => ({
        hasNextPage,
        hasPreviousPage,
        startCursor: cursors.at(0) ?? null,
        endCursor: cursors.at(-1) ?? null,
      }),
    },
    Consent: {
      id: (consent) => toGlobalId('Consent', consent.id),
      caller: shown,
      revokedBy: ({ revokedBy }) => actor(revokedBy),
      campaign: ({ campaignId }, _args, context) => (campaignId === null ? null : context.load(campaignType, campaignId)),
    },
    CallerStatus: {
      caller: shown,
      revokedAt: ({ revocation }) => revocation?.revokedAt ?? null,
      revokedBy: ({ revocation }) => actor(revocation?.revokedBy ?? null),
      revocationSource: ({ revocation }) => revocation?.source ?? null,
    },
    Actor: {
      user: ({ subject }, _args, context) => context.load(userType, subject),
    },
    Mutation: {
      async suppressCaller(_root, { input }, context) {
        const outcome = await context.write((write) => suppressCaller(write, hashes, input))
        return 'errors' in outcome ? { suppression: null, errors: outcome.errors } : { ...outcome, errors: [] }
      },
      async unsuppressCaller(_root, { input: { id, ...others } }, context) {
        others satisfies NoMore
        const named = inputId('Suppression', id, ['input', 'id'])
        if ('error' in named) return { deletedId: null, errors: [named.error] }
        const error = await context.write((write) => unsuppressCaller(write, named.id))
        return error ? { deletedId: null, errors: [error] } : { deletedId: id, errors: [] }
      },
      async recordConsent(_root, { input }, context) {
        const outcome = await context.write((write) => recordConsent(write, hashes, input))
        return 'errors' in outcome ? { consent: null, errors: outcome.errors } : { ...outcome, errors: [] }
      },
      async revokeConsent(_root, { input }, context) {
        const outcome = await context.write((write) => revokeConsent(write, hashes, input))
        return 'errors' in outcome ? { revokedAt: null, revoked: 0, errors: outcome.errors } : { ...outcome, errors: [] }
      },
    },
  }
  return { entities: [], resolvers }
}

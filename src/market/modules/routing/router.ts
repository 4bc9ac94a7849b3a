import { GatewayError } from '../../../errors.ts'
import type { RequestContext } from '../../../gateway/contract/module.ts'
import { notFound, type UserError } from '../../../gateway/contract/user-error.ts'
import { hourOf } from './candidates.ts'
import type { Ping } from './check-call.ts'
import { cachedVersions, currentVersions, type DocumentLoader } from './documents.ts'
import type { RoutingCandidates } from './entity.ts'
import { decidePing, type PingOutcome, type RoutingEngine } from './ping.ts'
import { decidePost, type Post, type PostedReservation, type PostOutcome } from './post.ts'

/**
 * Number of times that a ping or a post is decided. It is decided again when its documents have changed meanwhile, and when another ping was
 * faster. Each repetition means that somebody else has succeeded.
 */
const ATTEMPTS = 100

type Refused = { readonly error: UserError }

/** Decides on pings and posts with documents from the cache. */
export class Router {
  readonly #engine: RoutingEngine
  readonly #documents: DocumentLoader

  constructor(engine: RoutingEngine, documents: DocumentLoader) {
    this.#engine = engine
    this.#documents = documents
  }

  /** Returns the buyers for calls to a campaign; null if the tenant has no such campaign. */
  async candidates(context: RequestContext, campaignId: number, state: string, hour: number): Promise<RoutingCandidates | null> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const versions = await (attempt === 1 ? cachedVersions(context, campaignId) : currentVersions(context.uncached, campaignId))
      if (!versions) return null
      const found = await this.#documents.candidates(context, versions, state, hour)
      if (found) return found
    }
    throw overtaken()
  }

  /** @throws GatewayError OVERLOADED if other pings were faster too often. */
  async ping(context: RequestContext, ping: Ping): Promise<Extract<PingOutcome, { kind: 'DECIDED' }> | Refused> {
    let versions = await cachedVersions(context, ping.campaignId)
    let isBudgetLocked = false
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      versions ??= await currentVersions(context.uncached, ping.campaignId)
      if (!versions) return { error: notFound('campaign', ['input', 'campaignId']) }
      const documents = await this.#documents.all(context, versions, ping.state, hourOf(context.uncached.now))
      versions = undefined
      if (!documents) continue
      const outcome = await context.write((write) => decidePing(write, this.#engine, ping, documents, isBudgetLocked))
      if (outcome.kind === 'DECIDED') return outcome
      if (outcome.kind === 'UNKNOWN') return { error: notFound(outcome.what, ['input', `${outcome.what}Id`]) }
      if (outcome.kind === 'OUTDATED') versions = outcome.versions
      else versions = documents
      isBudgetLocked ||= outcome.kind === 'NEARLY_SPENT'
    }
    throw overtaken()
  }

  /** @throws GatewayError OVERLOADED if the rules have changed, or the post has waited for locks, too often. */
  async post(context: RequestContext, post: Post): Promise<Extract<PostOutcome, { kind: 'CONNECTED' | 'REFUSED' }> | Refused> {
    const reservation = await readReservation(context, post.reservationId)
    if (!reservation) return { error: notFound('reservation', ['input', 'reservationId']) }
    let ruleSetId = (await cachedVersions(context, reservation.campaignId))?.ruleSetId ?? null
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const documents = { ruleSetId, rules: await this.#documents.rules(context, ruleSetId) }
      const outcome = await context.write((write) => decidePost(write, this.#engine, post, reservation, documents))
      if (outcome.kind === 'UNKNOWN') return { error: notFound(outcome.what, ['input', `${outcome.what}Id`]) }
      if (outcome.kind === 'CONNECTED' || outcome.kind === 'REFUSED') return outcome
      if (outcome.kind === 'OUTDATED') ruleSetId = outcome.ruleSetId
    }
    throw overtaken()
  }
}

/** Reads those parts of a reservation that never change. */
async function readReservation({ uncached }: RequestContext, id: number): Promise<PostedReservation | undefined> {
  const found = await uncached.db
    .selectFrom('reservations')
    .select(['campaignId', 'publisherId', 'buyerId', 'callerState', 'attributes'])
    .where('tenantId', '=', uncached.tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return found && { ...found, attributes: new Map(Object.entries(found.attributes)) }
}

function overtaken(): GatewayError {
  return new GatewayError('OVERLOADED', 'Other calls and changes of buyers came first too often: send the same request again.')
}

import assert from 'node:assert/strict'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { type Answer, type Gateway, startGateway, tokenFor } from '../../e2e/gateway.ts'
import type { FaultDatabase } from '../fault-database.ts'

const PING = `mutation ($input: PingCallInput!) { pingCall(input: $input) {
  reservation { id buyer { name } } refusal excluded { buyer { name } reason } errors { code message } } }`
const POST = `mutation ($input: PostCallInput!) { postCall(input: $input) { call { id } refusal errors { code message } } }`
const DRAFT = `mutation ($input: SaveRuleSetDraftInput!) { saveRuleSetDraft(input: $input) { ruleSet { id version } errors { message } } }`
const PUBLISH = `mutation ($input: PublishRuleSetInput!) { publishRuleSet(input: $input) { ruleSet { status } errors { message } } }`

/** A tenant with one campaign and two buyers, of which the first pays more. */
export interface CallTenant {
  readonly name: string
  readonly userId: string
  readonly campaignId: string
  readonly bestBuyerId: string
}

/** Name of the buyer that gets each call that nobody forbids. */
export const BEST_BUYER = 'Ada'

export async function addCallTenant(database: FaultDatabase, name: string): Promise<CallTenant> {
  const insert = async (statement: string) => Number((await database.query(`${statement} returning id`, [name]))[0]?.['id'])
  await database.query("insert into tenants (id, name, currency) values ($1, $1, 'USD')", [name])
  const user = await insert("insert into users (tenant_id, email, name, role) values ($1, 'a@' || $1 || '.test', 'A', 'ADMIN')")
  const campaign = await insert(
    `insert into campaigns (tenant_id, name, owner_id, status, budget_minor, keywords, tlds, patterns)
     select $1, 'One', id, 'ACTIVE', 1000000000, '{roof}', '{com}', '{}' from users where tenant_id = $1`,
  )
  const buyer = (buyerName: string, price: number) =>
    insert(
      `insert into buyers (tenant_id, name, states, max_concurrent_calls, min_duration_seconds, price_minor)
       values ($1, '${buyerName}', '{}', 1000000, 0, ${price})`,
    )
  const best = await buyer(BEST_BUYER, 300)
  await buyer('Bob', 200)
  return { name, userId: String(user), campaignId: toGlobalId('Campaign', campaign), bestBuyerId: toGlobalId('Buyer', best) }
}

/** Outcome of a ping or a post. FAILED: the request had no answer, or an error. */
export interface CallOutcome {
  readonly outcome: string
  /** Buyer of the offer. */
  readonly buyer: string | undefined
  readonly reservationId: string | undefined
  /** Buyers that cannot have the call because they are suppressed. */
  readonly suppressed: readonly string[]
  /** Why the request failed. */
  readonly problem: string | undefined
}

/** A process of the gateway, and requests of one tenant to it. */
export class CallGateway {
  readonly gateway: Gateway
  readonly #tenant: CallTenant
  readonly #token: string

  private constructor(gateway: Gateway, tenant: CallTenant, token: string) {
    this.gateway = gateway
    this.#tenant = tenant
    this.#token = token
  }

  /** @param release Folder of the program; undefined for this checkout. */
  static async start(
    servers: { readonly databaseUrl: string; readonly redisUrl: string },
    tenant: CallTenant,
    release: string | undefined,
  ): Promise<CallGateway> {
    const token = await tokenFor({ tenant: tenant.name, userId: tenant.userId, role: 'ADMIN' })
    const env = {
      NODE_ENV: 'production',
      DRAIN_SECONDS: '0',
      METRICS: 'on',
      // Pings that wait for a sleeping instance hold connections.
      DATABASE_POOL_SIZE: '12',
      DATABASE_URL: servers.databaseUrl,
      REDIS_URL: servers.redisUrl,
    }
    return new CallGateway(await startGateway(env, release), tenant, token)
  }

  /** Sends a mutation. Returns its payload, or why there is none. */
  async send(query: string, input: object): Promise<{ readonly payload?: Answer['data']; readonly problem?: string }> {
    try {
      const response = await fetch(`${this.gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify({ query, variables: { input } }),
      })
      const { data, errors } = (await response.json()) as Pick<Answer, 'data' | 'errors'>
      const payload = Object.values(data ?? {})[0]
      const problem = errors?.[0]?.message ?? payload?.errors[0]?.message
      return problem === undefined ? { payload } : { problem }
    } catch (error) {
      return { problem: String(error) }
    }
  }

  /** @param zip Part of what the ping says: pings of one caller with the same ZIP code are equal. */
  async ping(caller: string, zip: string): Promise<CallOutcome> {
    const { payload, problem } = await this.send(PING, { campaignId: this.#tenant.campaignId, caller, state: 'CA', zip })
    return {
      outcome: payload ? (payload['refusal'] ?? 'OFFERED') : 'FAILED',
      buyer: payload?.['reservation']?.buyer.name,
      reservationId: payload?.['reservation']?.id,
      suppressed: (payload?.['excluded'] ?? []).flatMap(
        (excluded: { readonly buyer: { readonly name: string }; readonly reason: string }) =>
          excluded.reason === 'SUPPRESSED' ? [excluded.buyer.name] : [],
      ),
      problem,
    }
  }

  /** Returns the refusal of a post, or CONNECTED, or FAILED. */
  async post(caller: string, reservationId: string): Promise<string> {
    const { payload } = await this.send(POST, { reservationId, caller })
    return payload ? (payload['refusal'] ?? 'CONNECTED') : 'FAILED'
  }

  /** Publishes rules for all calls of the tenant. */
  async publishRules(rules: object): Promise<void> {
    const draft = await this.send(DRAFT, { rules })
    const published = await this.send(PUBLISH, { id: draft.payload?.['ruleSet'].id, version: draft.payload?.['ruleSet'].version })
    assert.equal(published.payload?.['ruleSet'].status, 'PUBLISHED', draft.problem ?? published.problem)
  }

  /** Returns how many barriers have failed. */
  async failedBarriers(): Promise<number> {
    const metrics = await (await fetch(new URL('/metrics', this.gateway.url))).text()
    return Number(/^tidegate_cache_barrier_duration_seconds_count\{outcome="failed"\} (\d+)/m.exec(metrics)?.[1] ?? 0)
  }
}

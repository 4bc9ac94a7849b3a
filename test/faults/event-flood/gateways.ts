import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Random } from '#src/market/seed/random.ts'
import { type Gateway, startGateway, tokenFor } from '../../e2e/gateway.ts'
import type { FloodTenant } from './flood-data.ts'
import type { Batch, Receipt } from './ledger.ts'
import { NotAcknowledged } from './senders.ts'

const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates errors { code message field } } }'
const COUNTS = `query ($from: DateTime!, $campaign: ID) {
  analytics { performance(from: $from, campaignId: $campaign) { events { kind count } } }
}`
const READ_PATIENCE_MS = 5000

/** Counts of events in an answer of a gateway. */
export interface CountedEvents {
  readonly byKind: ReadonlyMap<string, number>
  readonly isStale: boolean
  /** Whether the whole answer came from the cache. */
  readonly isHit: boolean
}

interface Body {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  readonly data?: Readonly<Record<string, any>> | null
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** Gateway processes on one database and one Redis. A test can kill each process and start it again. */
export class Gateways {
  readonly #env: Readonly<Record<string, string>>
  readonly #release: string | undefined
  readonly #running: (Gateway | undefined)[] = []
  readonly #users: ReadonlyMap<string, string>
  readonly #tokens = new Map<string, string>()

  /** Prepares processes without starting any. @param release Folder of the program; undefined for this checkout. */
  constructor(
    servers: { readonly databaseUrl: string; readonly redisUrl: string },
    tenants: readonly FloodTenant[],
    release: string | undefined,
  ) {
    this.#release = release
    this.#users = new Map(tenants.map(({ name, userId }) => [name, userId]))
    this.#env = {
      NODE_ENV: 'production',
      DRAIN_SECONDS: '0',
      DATABASE_URL: servers.databaseUrl,
      REDIS_URL: servers.redisUrl,
      INTROSPECTION: 'off',
    }
  }

  async start(index: number): Promise<void> {
    this.#running[index] = await startGateway(this.#env, this.#release)
  }

  /** Kills a process like a crash. */
  async kill(index: number): Promise<void> {
    const gateway = this.#running[index]
    this.#running[index] = undefined
    await gateway?.stop('SIGKILL')
  }

  async stop(): Promise<void> {
    const all = this.#running.splice(0)
    await Promise.all(all.map((gateway) => gateway?.stop('SIGKILL')))
  }

  /** Returns the index of a random running process, or 0 if no process runs. */
  pick(random: Random): number {
    const running = this.#running.flatMap((gateway, index) => (gateway ? [index] : []))
    return running.length === 0 ? 0 : random.pick(running)
  }

  /** Sends a batch to a gateway once. @throws NotAcknowledged if the request fails or the gateway answers with an error. */
  async track(index: number, { tenant, events }: Batch, patienceMs: number): Promise<Receipt> {
    const input = {
      events: events.map(({ eventId, campaign, domain, kind, occurredAt }) => ({
        eventId,
        campaignId: toGlobalId('Campaign', campaign),
        ...(domain === null ? {} : { domainId: toGlobalId('Domain', domain) }),
        kind,
        occurredAt,
      })),
    }
    const { body } = await this.#post(index, tenant, TRACK, { input }, patienceMs).catch((cause: unknown) => {
      throw new NotAcknowledged('The request failed.', { cause })
    })
    const payload = body.data?.['trackEvents']
    if (!payload) {
      const [error] = body.errors ?? []
      const retryAfterMs = error?.extensions['retryAfterMs']
      throw new NotAcknowledged(error?.message ?? 'An answer without data.', {
        isRefused: error?.extensions['code'] === 'OVERLOADED',
        ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
      })
    }
    return { accepted: payload.accepted, duplicates: payload.duplicates, errors: payload.errors.length }
  }

  /** Reads the event counts of a tenant, or of one campaign, since `from`. @throws Error if there is no answer with counts. */
  async countEvents(index: number, tenant: string, from: string, campaign?: number): Promise<CountedEvents> {
    const variables = { from, campaign: campaign === undefined ? null : toGlobalId('Campaign', campaign) }
    const { body, layer } = await this.#post(index, tenant, COUNTS, variables, READ_PATIENCE_MS)
    const events: readonly { kind: string; count: number }[] | undefined = body.data?.['analytics']?.performance.events
    if (!events) throw new Error(body.errors?.[0]?.message ?? 'An answer without data.')
    return {
      byKind: new Map(events.map(({ kind, count }) => [kind, count])),
      isStale: body.extensions?.['stale'] !== undefined,
      isHit: layer === 'HIT',
    }
  }

  async #post(index: number, tenant: string, query: string, variables: object, patienceMs: number) {
    const url = this.#running[index]?.url
    if (url === undefined) throw new Error('The gateway does not run.')
    const token = this.#tokens.get(tenant) ?? (await tokenFor({ tenant, userId: this.#users.get(tenant) ?? '', role: 'ADMIN' }))
    this.#tokens.set(tenant, token)
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(patienceMs),
    })
    return { body: (await response.json()) as Body, layer: response.headers.get('x-cache') }
  }
}

import { createHash } from 'node:crypto'
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { pgTypes } from '#src/engine/postgres/column-types.ts'
import { settleCall } from '#src/market/modules/calls/writes.ts'
import { createCandidatesType } from '#src/market/modules/routing/candidates.ts'
import { DocumentLoader } from '#src/market/modules/routing/documents.ts'
import { Router } from '#src/market/modules/routing/router.ts'
import { Conditions } from '#src/market/rules/routing/evaluate-condition.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { type ClockedRequests, createClockedRequests } from '../clocked-requests.ts'
import { type Defect, plant } from './defects.ts'
import { drawBuyer } from './draw-buyer.ts'
import { judgeStored, type RunResult } from './judge-stored.ts'
import type { Chance } from './random.ts'
import type { BuyerSettings, CallerEvent, PingRun, PlanTarget, PostRun, Rules, SettleRun, Span, Version } from './world.ts'

export interface RunOptions {
  readonly url: string
  readonly tenant: string
  readonly chance: Chance
  readonly start: string
  readonly buyers: number
  readonly callers: number
  readonly rounds: number
  /** Operations that run at the same time. */
  readonly atOnce: number
  readonly budgetMinor: number
  readonly defect?: Defect
}

const STATES = ['CA', 'NY', 'TX']
const JUMPS_MS = [100, 1000, 5000, 20_000, 36_000, 40 * 60_000, 5 * 3_600_000]
const PAYOUT_MINOR = 30

/** Runs random pings, posts, settlements and changes at the same time, round after round, and lets the judge look at what was committed. */
export async function runAndJudge(options: RunOptions): Promise<RunResult> {
  const run = new Run(options)
  try {
    return await run.all()
  } finally {
    await run.close()
  }
}

class Run {
  readonly #options: RunOptions
  readonly #pool: pg.Pool
  readonly #db: Kysely<Database>
  readonly #router: Router
  readonly #requests: ClockedRequests
  #tick = 0
  #changes: (Span & { readonly revision: number; readonly buyerId: number; readonly settings: BuyerSettings })[] = []
  readonly #plans: Version<readonly PlanTarget[]>[] = []
  readonly #rules: Version<Rules>[] = []
  readonly #callers: CallerEvent[] = []
  readonly #pings: PingRun[] = []
  readonly #posts: PostRun[] = []
  readonly #settlements: SettleRun[] = []
  #buyerIds: readonly number[] = []
  #campaignId = 0
  #publisherId = 0
  #planId = 0
  /** Documents change one after the other, so that their order is known. */
  #publishing: Promise<unknown> = Promise.resolve()

  constructor(options: RunOptions) {
    this.#options = options
    this.#pool = new pg.Pool({ connectionString: options.url, max: 24, types: pgTypes })
    this.#pool.on('connect', (client) => plant(client, options.defect))
    this.#db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: this.#pool }), plugins: [new CamelCasePlugin()] })
    const zones = options.defect?.zones ?? new TimeZones()
    this.#router = new Router(
      { zones, conditions: new Conditions(), random: options.chance.next },
      new DocumentLoader(createCandidatesType(zones)),
    )
    this.#requests = createClockedRequests(this.#db, options.tenant, Date.parse(options.start))
  }

  async close(): Promise<void> {
    await this.#db.destroy()
  }

  async all(): Promise<RunResult> {
    const { chance, rounds, atOnce } = this.#options
    await this.#prepare()
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: atOnce }, () => this.#operate()))
      // Time passes only while nothing runs: no transaction takes longer than the grace of a post.
      this.#requests.now += chance.pick(JUMPS_MS)
    }
    return this.#judged()
  }

  async #timed<Result>(work: () => Promise<Result>): Promise<Span & { readonly result: Result }> {
    const start = ++this.#tick
    const result = await work()
    return { result, start, end: ++this.#tick }
  }

  async #prepare(): Promise<void> {
    const { tenant, buyers, chance, budgetMinor } = this.#options
    await sql`insert into tenants (id, name, currency) values (${tenant}, ${tenant}, 'USD')`.execute(this.#db)
    const insert = async (statement: ReturnType<typeof sql<{ id: number }>>) => (await statement.execute(this.#db)).rows.map(({ id }) => id)
    const [owner = 0] = await insert(
      sql`insert into users (tenant_id, email, name, role) values (${tenant}, 'a@b.test', 'A', 'ADMIN') returning id`,
    )
    const [plan = 0] = await insert(sql`insert into routing_plans (tenant_id, name) values (${tenant}, 'Plan') returning id`)
    const [campaign = 0] =
      await insert(sql`insert into campaigns (tenant_id, owner_id, name, status, budget_minor, keywords, tlds, patterns, plan_id)
      values (${tenant}, ${owner}, 'One', 'ACTIVE', ${budgetMinor}, '{}', '{}', '{}', ${plan}) returning id`)
    const [publisher = 0] = await insert(sql`insert into publishers (tenant_id, name, payout_kind, payout_minor)
      values (${tenant}, 'Pia', 'FIXED', ${PAYOUT_MINOR}) returning id`)
    this.#planId = plan
    this.#campaignId = campaign
    this.#publisherId = publisher
    this.#buyerIds = await insert(sql`insert into buyers (tenant_id, name, states, max_concurrent_calls, min_duration_seconds)
      select ${tenant}, 'Buyer ' || n, '{}', 1, 30 from generate_series(1, ${buyers}::int) as n returning id`)
    for (const id of this.#buyerIds) await this.#changeBuyer(id, drawBuyer(chance))
    await this.#publishPlan()
    await this.#publishRules()
  }

  #operate(): Promise<unknown> {
    const { chance } = this.#options
    const kind = chance.below(100)
    if (kind < 50) return this.#ping()
    if (kind < 70) return this.#post()
    if (kind < 82) return this.#settle()
    if (kind < 88) return this.#changeBuyer(chance.pick(this.#buyerIds), drawBuyer(chance))
    if (kind < 96) return this.#changeCaller(chance.pick(['CONSENT', 'CONSENT', 'CONSENT', 'REVOCATION', 'SUPPRESSION'] as const))
    const publish = chance.isTrue(0.5) ? () => this.#publishPlan() : () => this.#publishRules()
    this.#publishing = this.#publishing.then(publish)
    return this.#publishing
  }

  #caller(): Buffer {
    const number = this.#options.chance.below(this.#options.callers)
    return createHash('sha256').update(`${this.#options.tenant} ${number}`).digest().subarray(0, 16)
  }

  async #ping(): Promise<void> {
    const { chance } = this.#options
    const [caller, state, zip] = [this.#caller(), chance.pick(STATES), String(10_000 + chance.below(3))]
    const request = createHash('sha256').update(`${state} ${zip}`).digest().subarray(0, 16)
    const attributes = new Map([['zip', zip]])
    const ids = { campaignId: this.#campaignId, publisherId: this.#publisherId }
    const { result, start, end } = await this.#timed(() =>
      this.#router.ping(this.#requests.context, { ...ids, caller, listedCaller: caller, state, attributes, request }),
    )
    if ('error' in result) throw new Error(result.error.message)
    this.#pings.push({
      start,
      end,
      decisionId: result.decision.id,
      reservationId: result.reservation?.id ?? null,
      caller: caller.toString('hex'),
      state,
      request: request.toString('hex'),
      at: Date.parse(result.decision.decidedAt),
    })
  }

  async #post(): Promise<void> {
    const { chance } = this.#options
    const posted = new Set(this.#posts.map(({ reservationId }) => reservationId))
    const isRare = chance.isTrue(0.2)
    const offered = this.#pings.filter(
      ({ reservationId, at }) => reservationId !== null && (isRare || (!posted.has(reservationId) && at > this.#requests.now - 30_000)),
    )
    if (offered.length === 0) return this.#ping()
    const { reservationId, caller: offeredTo } = chance.pick(offered)
    const caller = chance.isTrue(0.05) ? this.#caller() : Buffer.from(offeredTo, 'hex')
    const post = { reservationId: reservationId ?? 0, domainId: null, caller, listedCaller: caller }
    const { result, start, end } = await this.#timed(() => this.#router.post(this.#requests.context, post))
    if ('error' in result) throw new Error(result.error.message)
    const callId = result.kind === 'CONNECTED' ? result.callId : null
    const outcome = result.decision?.outcome ?? null
    const refusal = callId === null && outcome !== 'LAPSED' && outcome !== 'WRONG_CALLER' ? outcome : null
    this.#posts.push({ start, end, reservationId: post.reservationId, caller: caller.toString('hex'), callId, refusal })
  }

  async #settle(): Promise<void> {
    const calls = this.#posts.flatMap(({ callId }) => callId ?? []).slice(-60)
    if (calls.length === 0) return this.#ping()
    const [callId, seconds] = [this.#options.chance.pick(calls), this.#options.chance.below(100)]
    const { result, start, end } = await this.#timed(() => this.#requests.context.write((write) => settleCall(write, callId, seconds)))
    this.#settlements.push({ start, end, callId, settled: !('errors' in result) })
  }

  async #changeBuyer(buyerId: number, settings: BuyerSettings): Promise<void> {
    const { active, states, priceMinor, maxConcurrentCalls, timeZone, schedule, caps, duplicates } = settings
    const { tenant } = this.#options
    const json = (value: unknown) => sql`${value === null ? null : JSON.stringify(value)}::jsonb`
    const zone = this.#changes.find((change) => change.buyerId === buyerId)?.settings.timeZone ?? timeZone
    const { result, start, end } = await this.#timed(() =>
      this.#requests.context.write(async ({ db }) => {
        await sql`update buyers set active = ${active}, states = ${states}::text[], price_minor = ${priceMinor}, time_zone = ${zone},
          max_concurrent_calls = ${maxConcurrentCalls}, schedule = ${json(schedule)}, caps = ${json(caps)}, duplicates = ${json(duplicates)}
          where id = ${buyerId}`.execute(db)
        // The alias is not the one of the program, so that planted faults leave this statement alone.
        return sql<{ revision: number }>`select buyers_revision as revision from routing_states where tenant_id = ${tenant}`.execute(db)
      }),
    )
    // A buyer keeps its time zone: the judge knows only one.
    this.#changes.push({ start, end, buyerId, revision: result.rows[0]?.revision ?? 0, settings: { ...settings, timeZone: zone } })
  }

  async #changeCaller(kind: CallerEvent['kind']): Promise<void> {
    const { tenant, chance } = this.#options
    const caller = this.#caller()
    const buyerId = chance.isTrue(0.8) ? chance.pick(this.#buyerIds) : 0
    const { result, start, end } = await this.#timed(() =>
      this.#requests.context.write(async ({ db, now }) => {
        const at = new Date(now).toISOString()
        if (kind === 'CONSENT')
          await sql`insert into consents (tenant_id, caller, source, evidence, given_at) values (${tenant}, ${caller}, 'test', 'test', ${at})`.execute(
            db,
          )
        else if (kind === 'REVOCATION')
          await sql`insert into consent_revocations (tenant_id, caller, source, revoked_at) values (${tenant}, ${caller}, 'test', ${at})
            on conflict (tenant_id, caller) do update set revoked_at = greatest(consent_revocations.revoked_at, excluded.revoked_at)`.execute(
            db,
          )
        else
          await sql`insert into suppressions (tenant_id, caller, scope, scope_id, source)
            values (${tenant}, ${caller}, ${buyerId === 0 ? 'TENANT' : 'BUYER'}, ${buyerId}, 'test') on conflict do nothing`.execute(db)
        return now
      }),
    )
    this.#callers.push({ start, end, kind, caller: caller.toString('hex'), at: result, buyerId: kind === 'SUPPRESSION' ? buyerId : 0 })
  }

  async #publishPlan(): Promise<void> {
    const { tenant, chance } = this.#options
    const chosen = this.#buyerIds.filter(() => chance.isTrue(0.8))
    const content = chosen.map((buyerId) => ({ buyerId, tier: 1, price: chance.isTrue(0.2) ? 1 + chance.below(300) : null }))
    const document = JSON.stringify({ strategy: 'HIGHEST_BID', reservationSeconds: 30, targets: content })
    const { result, start, end } = await this.#timed(() =>
      this.#requests.context.write(async ({ db }) => {
        const { rows } = await sql<{
          id: number
        }>`insert into routing_plan_versions (tenant_id, plan_id, number, status, document, published_at)
          values (${tenant}, ${this.#planId}, ${this.#plans.length + 1}, 'PUBLISHED', ${document}::jsonb, now()) returning id`.execute(db)
        await sql`update routing_plans set published_id = ${rows[0]?.id ?? 0} where id = ${this.#planId}`.execute(db)
        return rows[0]?.id ?? 0
      }),
    )
    this.#plans.push({ start, end, id: result, content })
  }

  async #publishRules(): Promise<void> {
    const { tenant, chance } = this.#options
    const content: Rules = { consentRequired: chance.isTrue(0.4), attempts: chance.isTrue(0.5) ? 2 + chance.below(4) : null }
    const { consentRequired } = content
    const attempts = content.attempts === null ? [] : [{ maximum: content.attempts, hours: 1 }]
    const { result, start, end } = await this.#timed(() =>
      this.#requests.context.write(async ({ db }) => {
        const { rows } = await sql<{ id: number }>`insert into compliance_rule_sets (tenant_id, number, status, document, published_at)
          values (${tenant}, ${this.#rules.length + 1}, 'PUBLISHED', ${JSON.stringify({ consentRequired, attempts })}::jsonb, now()) returning id`.execute(
          db,
        )
        await sql`update routing_states set rule_set_id = ${rows[0]?.id ?? 0} where tenant_id = ${tenant}`.execute(db)
        return rows[0]?.id ?? 0
      }),
    )
    this.#rules.push({ start, end, id: result, content })
  }

  #judged(): Promise<RunResult> {
    const history = {
      buyers: this.#revisions(),
      plans: this.#plans,
      rules: this.#rules,
      callers: this.#callers,
      pings: this.#pings,
      posts: this.#posts,
      settlements: this.#settlements,
      budgetMinor: this.#options.budgetMinor,
    }
    return judgeStored(this.#db, this.#options.tenant, history)
  }

  /** Returns the settings of all buyers at each revision. */
  #revisions(): Version<ReadonlyMap<number, BuyerSettings>>[] {
    const current = new Map<number, BuyerSettings>()
    return this.#changes
      .toSorted((one, other) => one.revision - other.revision)
      .map(({ revision, buyerId, settings, start, end }) => {
        current.set(buyerId, settings)
        return { id: revision, start, end, content: new Map(current) }
      })
  }
}

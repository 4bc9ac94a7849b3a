import { setTimeout as pause } from 'node:timers/promises'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Answer, Gateway } from '../e2e/gateway.ts'
import type { TestDatabase } from '../servers/database.ts'
import { type Acknowledged, Counter } from './counter.ts'

export interface Serving {
  readonly gateway: Gateway
  /** Whether the gateway runs the newer release. */
  readonly isNewer: boolean
  /** Whether the campaign statistics of this gateway have the field that the newer release adds. */
  readonly hasLostBids: boolean
}

/** A value under load that each write increments and that can be read. */
interface Subject {
  readonly counter: Counter
  write(via: Serving, next: number): Promise<Answer | null>
  read(via: Serving, token: string | undefined): Promise<{ readonly answer: Answer; readonly seen: number }>
}

const READERS = 5
const PAUSE_MS = 25
const PAUSE_BETWEEN_WRITES_MS = 150
const MAX_REPORTED = 10
const OWNER = toGlobalId('User', '1')

const CREATE = `mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) { campaign { id version } errors { message } } }`
const RENAME = `mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { version } errors { message } } }`
const CREATE_BUYER = `mutation ($input: CreateBuyerInput!) { createBuyer(input: $input) { buyer { id } errors { message } } }`
const OWNED = `query ($owner: ID!) { campaigns(first: 3, filter: { ownerId: $owner }) { totalCount nodes { id name } } }`
const BUYERS = `{ buyers(first: 3, filter: { active: true }, orderBy: { field: CREATED_AT, direction: DESC }) { totalCount nodes { name } } }`
const campaignQuery = (hasLostBids: boolean) => {
  const fields = `name domainCount statistics { calls bids ${hasLostBids ? 'lostBids ' : ''}domainsByStatus { count } }`
  return `query ($id: ID!, $quiet: ID!) { campaign(id: $id) { ${fields} } quiet: campaign(id: $quiet) { ${fields} } }`
}

interface Campaign {
  readonly name: string
  readonly domainCount: number
  readonly statistics: { readonly lostBids?: number }
}

/**
 * Reads and writes through the gateways that currently serve, and checks every response: it must not be an error, and
 * must not be older than the token that was sent, than a write that the same gateway has acknowledged, or than any
 * write acknowledged more than a second before.
 */
export class ReleaseLoad {
  /** Gateways that currently serve requests. */
  serving: readonly Serving[] = []
  /** Descriptions of the first problems. */
  readonly problems: string[] = []
  reads = 0
  writes = 0
  readonly hits = { older: 0, newer: 0 }
  readonly #subjects: readonly Subject[]
  readonly #inFlight = new Map<Serving, number>()
  #isOver = false
  #workers: Promise<void>[] = []

  private constructor(subjects: readonly Subject[]) {
    this.#subjects = subjects
  }

  static async start(first: Serving, database: TestDatabase): Promise<ReleaseLoad> {
    const load = new ReleaseLoad(await subjectsOf(first.gateway, database))
    load.serving = [first]
    load.#workers = [
      ...load.#subjects.map((subject) => load.#repeat(PAUSE_BETWEEN_WRITES_MS, (via) => load.#write(subject, via))),
      ...Array.from({ length: READERS }, () =>
        load.#repeat(PAUSE_MS, (via, turn) => load.#read(load.#subjects[turn % load.#subjects.length], via)),
      ),
    ]
    return load
  }

  /** Waits for the requests in flight of a gateway, which gets no new requests. */
  async drain(gone: Serving): Promise<void> {
    this.serving = this.serving.filter((one) => one !== gone)
    while ((this.#inFlight.get(gone) ?? 0) > 0) await pause(PAUSE_MS)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#workers)
  }

  async #repeat(pauseMs: number, work: (via: Serving, turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const via = this.serving[Math.floor(Math.random() * this.serving.length)]
      if (!via) throw new Error('No gateway serves.')
      this.#inFlight.set(via, (this.#inFlight.get(via) ?? 0) + 1)
      await work(via, turn).catch((error: unknown) => this.#report(`${nameOf(via)}: ${error}`))
      this.#inFlight.set(via, (this.#inFlight.get(via) ?? 0) - 1)
      await pause(pauseMs)
    }
  }

  async #write({ counter, write }: Subject, via: Serving): Promise<void> {
    const next = counter.begin()
    const answer = await write(via, next)
    const errors = [...(answer?.errors ?? []), ...Object.values(answer?.data ?? {}).flatMap((payload) => payload?.errors ?? [])]
    if (errors.length > 0) this.#report(`${nameOf(via)} refused to write ${counter.name} ${next}: ${errors[0]?.message}`)
    else counter.acknowledge({ value: next, at: performance.now(), by: answer ? via : undefined, token: answer?.token ?? undefined })
    this.writes++
  }

  async #read(subject: Subject | undefined, via: Serving): Promise<void> {
    if (!subject) return
    const { counter } = subject
    const sent: Acknowledged | undefined = Math.random() < 0.4 ? counter.newest : undefined
    const least = counter.least(performance.now(), via, sent?.token === undefined ? 0 : sent.value)
    const { answer, seen } = await subject.read(via, sent?.token)
    this.reads++
    const layer = answer.headers.get('x-cache')
    if (layer === 'HIT') this.hits[via.isNewer ? 'newer' : 'older']++
    if (answer.errors)
      this.#report(`${nameOf(via)}, ${counter.name}: ${answer.errors[0]?.path?.join('.')} failed, ${answer.errors[0]?.message} (${layer})`)
    else if (layer !== 'STALE' && !(seen >= least && seen <= counter.begun))
      this.#report(
        `${nameOf(via)}, ${counter.name}: ${seen}, expected ${least} to ${counter.begun} (${layer}${sent?.token ? ', with a token' : ''})`,
      )
  }

  #report(problem: string): void {
    if (this.problems.length < MAX_REPORTED) this.problems.push(problem)
  }
}

function nameOf({ isNewer }: Serving): string {
  return isNewer ? 'the newer release' : 'the older release'
}

/**
 * Returns the values under load: a campaign's name, its domains (added by SQL), lists of campaigns by a dimension, and
 * lists of buyers.
 */
async function subjectsOf(gateway: Gateway, database: TestDatabase): Promise<readonly Subject[]> {
  const money = { amount: 1, currency: 'USD' }
  const created = await gateway.ask(CREATE, {
    variables: { input: { name: 'named 0', budget: money, keywords: ['plumber'], ownerId: OWNER } },
  })
  const campaign = created.data?.['createCampaign'].campaign
  if (!campaign) throw new Error(`The campaign was not created: ${created.errors?.[0]?.message}`)
  const id: string = campaign.id
  let current: number = campaign.version
  const [row] = await database.query("select id from campaigns where name = 'named 0'")
  const read = async (via: Serving, token: string | undefined, query: string, variables: Record<string, unknown>) =>
    via.gateway.ask(query, { variables, ...(token !== undefined && { consistencyToken: token }) })
  const counts = async (query: string, list: string): Promise<number> =>
    (await gateway.ask(query, { variables: { owner: OWNER } })).data?.[list].totalCount ?? 0
  const campaigns = await counts(OWNED, 'campaigns')
  const buyers = await counts(BUYERS, 'buyers')
  // Campaigns that are never written, so that each release finds the values that the other release has cached for them.
  const others = await database.query("select id from campaigns where tenant_id = 'acme' and name <> 'named 0'")
  let turn = 0
  const ofCampaign = (seen: (campaign: Campaign) => number) => async (via: Serving, token: string | undefined) => {
    const quiet = toGlobalId('Campaign', String(others[turn++ % others.length]?.['id']))
    const answer = await read(via, token, campaignQuery(via.hasLostBids), { id, quiet })
    const found = [answer.data?.['campaign'], answer.data?.['quiet']] as readonly (Campaign | null | undefined)[]
    const isComplete = found.every((each) => each && (!via.hasLostBids || Number.isInteger(each.statistics.lostBids)))
    return { answer, seen: isComplete && found[0] ? seen(found[0]) : Number.NaN }
  }
  return [
    {
      counter: new Counter('the name of a campaign'),
      write: async (via, next) => {
        const answer = await via.gateway.ask(RENAME, { variables: { input: { id, version: current, name: `named ${next}` } } })
        current = answer.data?.['updateCampaign']?.campaign.version ?? current
        return answer
      },
      read: ofCampaign(({ name }) => Number(name.slice('named '.length))),
    },
    {
      counter: new Counter('the domains of a campaign, written with psql'),
      write: async (_, next) => {
        await database.query(
          "insert into domains (tenant_id, campaign_id, name, sld, tld, terms, score) values ('acme', $1, $2, $3, 'com', '{}', 1)",
          [row?.['id'], `release-${next}.com`, `release-${next}`],
        )
        return null
      },
      read: ofCampaign(({ domainCount }) => domainCount),
    },
    {
      counter: new Counter('the campaigns of an owner'),
      write: (via, next) =>
        via.gateway.ask(CREATE, { variables: { input: { name: `listed ${next}`, budget: money, keywords: ['plumber'], ownerId: OWNER } } }),
      read: async (via, token) => {
        const answer = await read(via, token, OWNED, { owner: OWNER })
        return { answer, seen: (answer.data?.['campaigns'].totalCount ?? Number.NaN) - campaigns }
      },
    },
    {
      counter: new Counter('the newest buyers'),
      write: (via, next) => via.gateway.ask(CREATE_BUYER, { variables: { input: { name: `buyer ${next}` } } }),
      read: async (via, token) => {
        const answer = await read(via, token, BUYERS, {})
        return { answer, seen: (answer.data?.['buyers'].totalCount ?? Number.NaN) - buyers }
      },
    },
  ]
}

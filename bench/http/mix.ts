import { quantile } from '../cache/measure.ts'
import { type Answer, Client, post } from './client.ts'
import { tidegate } from './contestants.ts'
import { flush, type Place } from './database.ts'
import { launch, type Started } from './launch.ts'

/** Reads and writes of several processes that share Redis and the database. */
export interface Mix {
  readonly processes: number
  readonly reads: number
  readonly writes: number
  readonly requestsPerSecond: number
  /** Share of the reads that were answered from the cache alone. */
  readonly hitRatio: number
  readonly readMs: Percentiles
  readonly writeMs: Percentiles
  /** Reads that showed less than the write whose consistency token they sent. */
  readonly violationsWithToken: number
  /** Reads without token that showed less than was acknowledged a staleness bound before they began. */
  readonly violationsWithoutToken: number
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
}

interface Campaign {
  readonly id: string
  version: number
  /** One write at a time: the next one names the version that this one makes. */
  isWriting: boolean
  /** Oldest first. */
  readonly acknowledged: { readonly version: number; readonly at: number; readonly token: string }[]
}

/** What a read must show of a campaign: at least this version. */
type Floors = ReadonlyMap<string, number>

const PROCESSES = 4
/** Requests at once: fewer than there are campaigns to write to. */
const CONCURRENCY = 16
const WRITE_SHARE = 0.1
/** Of the reads: the list of all campaigns, which every write changes; and domains, which none does. The others read one campaign. */
const LIST_SHARE = 0.1
const DOMAIN_SHARE = 0.3
const TOKEN_SHARE = 0.5
const STALENESS_BOUND_MS = 1000

const ONE = 'query ($id: ID!) { campaign(id: $id) { id name version owner { name } } }'
/** Without those that cannot be changed any more: every one of the list is written to. */
const ALL = '{ campaigns(first: 20, filter: { status: [DRAFT, ACTIVE, PAUSED] }) { nodes { id name version owner { name } } } }'
const DOMAIN = 'query ($id: ID!) { domain(id: $id) { id name status score campaign { id } } }'
const DOMAINS = '{ domains(first: 100) { nodes { id } } }'
const UPDATE = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id version } errors { message } } }'

/** @param requests How many are sent in all. */
export async function measureMix(place: Place, requests: number): Promise<Mix> {
  await flush(place.redisUrl)
  const servers: Started[] = []
  const client = new Client()
  try {
    for (let count = 0; count < PROCESSES; count++) servers.push(await launch(tidegate(place)))
    const [reader, writer] = await Promise.all([place.authorization('VIEWER'), place.authorization('EDITOR')])
    const anyServer = () => servers[Math.floor(Math.random() * servers.length)]?.url ?? ''
    const campaigns = shown(await client.ask(anyServer(), post({ query: ALL }, reader))).map(
      ({ id, version }): Campaign => ({ id, version, isWriting: false, acknowledged: [] }),
    )
    const domains = (await client.ask(anyServer(), post({ query: DOMAINS }, reader))).data() as {
      readonly domains: { readonly nodes: readonly { readonly id: string }[] }
    }
    const ids = domains.domains.nodes.map(({ id }) => id)
    const tally = new Tally()
    let left = requests
    const work = async () => {
      while (left-- > 0) {
        const writes = Math.random() < WRITE_SHARE
        const eligible = writes ? campaigns.filter(({ isWriting }) => !isWriting) : campaigns
        const campaign = eligible[Math.floor(Math.random() * eligible.length)] as Campaign
        if (writes) tally.addWrite(await write(client, anyServer(), campaign, writer))
        else if (Math.random() < DOMAIN_SHARE) await readDomain(client, anyServer(), ids, reader, tally)
        else await read(client, anyServer(), campaign, campaigns, reader, tally)
      }
    }
    const started = performance.now()
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    return tally.result(performance.now() - started)
  } finally {
    client.close()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

/** @returns how long it took, ms. @throws when the gateway refuses it: nobody else writes. */
async function write(client: Client, url: string, campaign: Campaign, authorization: string): Promise<number> {
  campaign.isWriting = true
  const { id, version } = campaign
  const answer = await client.ask(
    url,
    post({ query: UPDATE, variables: { input: { id, version, name: `Campaign ${id}, ${version}` } } }, authorization),
  )
  const { updateCampaign } = answer.data() as {
    readonly updateCampaign: { readonly campaign: { readonly version: number }; readonly errors: unknown[] }
  }
  const token = answer.headers['consistency-token']
  if (updateCampaign.errors.length > 0 || typeof token !== 'string') throw new Error(`A write was refused: ${answer.bytes}`)
  campaign.version = updateCampaign.campaign.version
  campaign.acknowledged.push({ version: campaign.version, at: performance.now(), token })
  campaign.isWriting = false
  return answer.ms
}

async function readDomain(client: Client, url: string, ids: readonly string[], authorization: string, tally: Tally) {
  const id = ids[Math.floor(Math.random() * ids.length)]
  tally.addRead(await client.ask(url, post({ query: DOMAIN, variables: { id } }, authorization)), new Map(), false)
}

async function read(client: Client, url: string, campaign: Campaign, all: readonly Campaign[], authorization: string, tally: Tally) {
  const ofAll = Math.random() < LIST_SHARE / (1 - DOMAIN_SHARE)
  const last = campaign.acknowledged.at(-1)
  const token = Math.random() < TOKEN_SHARE ? last?.token : undefined
  const before = performance.now() - STALENESS_BOUND_MS
  const floors = new Map(
    (ofAll ? all : [campaign]).map((each) => [each.id, each.acknowledged.findLast(({ at }) => at < before)?.version ?? 0]),
  )
  if (token !== undefined && last) floors.set(campaign.id, last.version)
  const question = post(ofAll ? { query: ALL } : { query: ONE, variables: { id: campaign.id } }, authorization)
  const headers = token === undefined ? question.headers : { ...question.headers, 'consistency-token': token }
  tally.addRead(await client.ask(url, { ...question, headers }), floors, token !== undefined)
}

function shown(answer: Answer): readonly { readonly id: string; readonly version: number }[] {
  const data = answer.data() as Record<'campaign' | 'campaigns', never>
  return data.campaign ? [data.campaign] : (data.campaigns as { readonly nodes: never }).nodes
}

class Tally {
  readonly #reads: number[] = []
  readonly #writes: number[] = []
  #hits = 0
  #violationsWithToken = 0
  #violationsWithoutToken = 0

  addWrite(ms: number): void {
    this.#writes.push(ms)
  }

  addRead(answer: Answer, floors: Floors, withToken: boolean): void {
    this.#reads.push(answer.ms)
    if (answer.headers['x-cache'] === 'HIT') this.#hits++
    const versions = new Map(floors.size === 0 ? [] : shown(answer).map(({ id, version }) => [id, version]))
    for (const [id, floor] of floors) {
      if ((versions.get(id) ?? 0) >= floor) continue
      if (withToken) this.#violationsWithToken++
      else this.#violationsWithoutToken++
    }
  }

  /** @param ms How long all of it took. */
  result(ms: number): Mix {
    const percentiles = (durations: readonly number[]) => ({ p50: quantile(durations, 0.5), p99: quantile(durations, 0.99) })
    return {
      processes: PROCESSES,
      reads: this.#reads.length,
      writes: this.#writes.length,
      requestsPerSecond: ((this.#reads.length + this.#writes.length) * 1000) / ms,
      hitRatio: this.#hits / this.#reads.length,
      readMs: percentiles(this.#reads),
      writeMs: percentiles(this.#writes),
      violationsWithToken: this.#violationsWithToken,
      violationsWithoutToken: this.#violationsWithoutToken,
    }
  }
}

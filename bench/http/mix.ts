import { quantile } from '../cache/measure.ts'
import { type Answer, Client, post } from './client.ts'
import { tidegate } from './contestants.ts'
import { flush, type Place } from './database.ts'
import { IncomingCalls } from './incoming-calls.ts'
import { launch, type Started } from './launch.ts'
import { type ReloadsByKind, readReloads } from './reloads.ts'

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
  /** Share of the reads of last month's report that were answered from the cache, while calls and events came in. */
  readonly reportHitRatio: number
  readonly reloads: ReloadsByKind
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
}

/** What is read and written: a campaign, or the tally of today's events. */
interface Subject {
  readonly id: string
  /** It never goes back. */
  version: number
  /** One write at a time: the next one names the version that this one makes. */
  isWriting: boolean
  /** Oldest first. */
  readonly acknowledged: { readonly version: number; readonly at: number; readonly token: string }[]
}

const EVENTS = 'events'

interface Row {
  readonly id: string
  readonly version: number
}

/** Of one of the reads. */
interface Shown {
  readonly campaign?: Row
  readonly campaigns?: { readonly nodes: readonly Row[] }
  readonly analytics?: { readonly dashboard?: { readonly current: { readonly events: readonly { readonly count: number }[] } } }
}

/** What a read must show of each: at least this version. */
type Floors = ReadonlyMap<string, number>

interface Bench {
  readonly client: Client
  readonly anyServer: () => string
  readonly reader: string
  readonly writer: string
  readonly campaigns: readonly Subject[]
  readonly events: Subject
  readonly domains: readonly string[]
  readonly calls: IncomingCalls
  readonly tally: Tally
}

const PROCESSES = 4
/** Requests at once: fewer than there are campaigns to write to. */
const CONCURRENCY = 16
/** Of the requests. Two of three are events, which come without end; the third changes a campaign, any of them. */
const WRITE_SHARE = 0.1
/** For each of the writes this many calls come in, past the gateway. */
const CALLS_PER_WRITE = 0.2
const EVENT_SHARE = 2 / 3
/** Of the reads. The list shows all campaigns, so each change of one makes it another; domains are read only. */
const DOMAIN_SHARE = 0.43
const LIST_SHARE = 0.05
const DASHBOARD_SHARE = 0.02
const REPORT_SHARE = 0.02
const TOKEN_SHARE = 0.5
const STALENESS_BOUND_MS = 1000

const ONE = 'query ($id: ID!) { campaign(id: $id) { id name version owner { name } } }'
/** Without those that cannot be changed any more: every one of the list is written to. */
const ALL = '{ campaigns(first: 20, filter: { status: [DRAFT, ACTIVE, PAUSED] }) { nodes { id name version owner { name } } } }'
const DASHBOARD = '{ analytics { dashboard(period: TODAY) { current { calls events { kind count } } } } }'
/** Last month's. */
const REPORT =
  'query ($from: DateTime!, $to: DateTime!) { analytics { performance(from: $from, to: $to) { calls bids wonBids spend { amount } events { kind count } } } }'
const DOMAIN = 'query ($id: ID!) { domain(id: $id) { id name status score campaign { id } } }'
const DOMAINS = '{ domains(first: 100) { nodes { id } } }'
const UPDATE = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { version } errors { message } } }'
const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted errors { message } } }'

/** @param requests How many are sent in all. */
export async function measureMix(place: Place, requests: number): Promise<Mix> {
  await flush(place.redisUrl)
  const servers: Started[] = []
  const client = new Client()
  const calls = new IncomingCalls(place.databaseUrl)
  try {
    for (let count = 0; count < PROCESSES; count++) servers.push(await launch(tidegate(place, { CACHE_MEASURE_RELOADS: 'on' })))
    const bench = await prepare(client, place, calls, () => anyOf(servers).url)
    let left = requests
    const work = async () => {
      while (left-- > 0) await (Math.random() < WRITE_SHARE ? write(bench) : read(bench))
    }
    const started = performance.now()
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    const elapsedMs = performance.now() - started
    return bench.tally.result(elapsedMs, await readReloads(servers.map(({ url }) => url)))
  } finally {
    client.close()
    await calls.close()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

async function prepare(client: Client, place: Place, calls: IncomingCalls, anyServer: () => string): Promise<Bench> {
  const [reader, writer] = await Promise.all([place.authorization('VIEWER'), place.authorization('EDITOR')])
  const ask = (query: string) => client.ask(anyServer(), post({ query }, reader))
  const subjects = (answer: Answer) =>
    [...shown(answer)].map(([id, version]): Subject => ({ id, version, isWriting: false, acknowledged: [] }))
  const [events] = subjects(await ask(DASHBOARD))
  const { domains } = (await ask(DOMAINS)).data() as { readonly domains: { readonly nodes: readonly { readonly id: string }[] } }
  if (!events) throw new Error('Expected a dashboard.')
  const campaigns = subjects(await ask(ALL))
  return { client, anyServer, reader, writer, campaigns, events, domains: domains.nodes.map(({ id }) => id), calls, tally: new Tally() }
}

/** @throws when the gateway refuses it: nobody else writes. */
async function write({ client, anyServer, writer, campaigns, events, calls, tally }: Bench): Promise<void> {
  if (Math.random() < CALLS_PER_WRITE) await calls.add()
  const campaign = anyOf(campaigns.filter(({ isWriting }) => !isWriting))
  const isEvent = !events.isWriting && Math.random() < EVENT_SHARE
  const subject = isEvent ? events : campaign
  subject.isWriting = true
  const version = subject.version + 1
  const event = { eventId: `mix-${version}`, campaignId: campaign.id, kind: 'CLICK', occurredAt: new Date().toISOString() }
  const operation = isEvent
    ? { query: TRACK, variables: { input: { events: [event] } } }
    : { query: UPDATE, variables: { input: { id: campaign.id, version: campaign.version, name: `Campaign ${campaign.id}, ${version}` } } }
  const answer = await client.ask(anyServer(), post(operation, writer))
  const [payload] = Object.values(answer.data() as Readonly<Record<string, { readonly errors: readonly unknown[] }>>)
  const token = answer.headers['consistency-token']
  if (payload?.errors.length !== 0 || typeof token !== 'string') throw new Error(`A write was refused: ${answer.bytes}`)
  subject.version = version
  subject.acknowledged.push({ version, at: performance.now(), token })
  subject.isWriting = false
  tally.addWrite(answer.ms)
}

async function read({ client, anyServer, reader, campaigns, events, domains, tally }: Bench): Promise<void> {
  const { operation, shows } = anyRead(campaigns, events, domains)
  const last = shows.length === 0 ? undefined : anyOf(shows).acknowledged.at(-1)
  const token = Math.random() < TOKEN_SHARE ? last?.token : undefined
  const before = performance.now() - STALENESS_BOUND_MS
  const floors = new Map<string, number>()
  for (const { id, acknowledged } of shows) {
    const isNamed = token !== undefined && acknowledged.at(-1) === last
    const known = isNamed ? last : acknowledged.findLast(({ at }) => at < before)
    if (known) floors.set(id, known.version)
  }
  const question = post(operation, reader)
  const headers = token === undefined ? question.headers : { ...question.headers, 'consistency-token': token }
  tally.addRead(await client.ask(anyServer(), { ...question, headers }), floors, token !== undefined, operation.query === REPORT)
}

/** An operation, and what its answer shows of what is written. */
function anyRead(campaigns: readonly Subject[], events: Subject, domains: readonly string[]) {
  let choice = Math.random()
  choice -= DOMAIN_SHARE
  if (choice < 0) return { operation: { query: DOMAIN, variables: { id: skewedOf(domains) } }, shows: [] }
  choice -= LIST_SHARE
  if (choice < 0) return { operation: { query: ALL }, shows: campaigns }
  choice -= DASHBOARD_SHARE
  if (choice < 0) return { operation: { query: DASHBOARD }, shows: [events] }
  choice -= REPORT_SHARE
  if (choice < 0) return { operation: { query: REPORT, variables: lastMonth() }, shows: [] }
  const campaign = skewedOf(campaigns)
  return { operation: { query: ONE, variables: { id: campaign.id } }, shows: [campaign] }
}

function lastMonth() {
  const now = new Date()
  const start = (offset: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString()
  return { from: start(-1), to: start(0) }
}

function anyOf<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item
}

/** The first item twice as often as the second, three times as often as the third, and so on (Zipf). */
function skewedOf<Item>(items: readonly Item[]): Item {
  let choice = Math.random() * items.reduce((sum, _, index) => sum + 1 / (index + 1), 0)
  const found = items.findIndex((_, index) => {
    choice -= 1 / (index + 1)
    return choice < 0
  })
  return items.at(found) as Item
}

/** The versions that an answer shows. */
function shown(answer: Answer): ReadonlyMap<string, number> {
  const { campaign, campaigns, analytics } = answer.data() as Shown
  const rows = campaigns?.nodes ?? (campaign ? [campaign] : [])
  const events = analytics?.dashboard?.current.events.reduce((sum, { count }) => sum + count, 0)
  return new Map([...rows.map(({ id, version }) => [id, version] as const), ...(events === undefined ? [] : [[EVENTS, events] as const])])
}

class Tally {
  readonly #reads: number[] = []
  readonly #writes: number[] = []
  readonly #reports = { reads: 0, hits: 0 }
  #hits = 0
  #violationsWithToken = 0
  #violationsWithoutToken = 0

  addWrite(ms: number): void {
    this.#writes.push(ms)
  }

  addRead(answer: Answer, floors: Floors, withToken: boolean, isReport: boolean): void {
    this.#reads.push(answer.ms)
    const hit = answer.headers['x-cache'] === 'HIT' ? 1 : 0
    this.#hits += hit
    if (isReport) {
      this.#reports.reads++
      this.#reports.hits += hit
    }
    const versions = shown(answer)
    for (const [id, floor] of floors) {
      if ((versions.get(id) ?? 0) >= floor) continue
      if (withToken) this.#violationsWithToken++
      else this.#violationsWithoutToken++
    }
  }

  /** @param ms How long all of it took. */
  result(ms: number, reloads: ReloadsByKind): Mix {
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
      reportHitRatio: this.#reports.hits / this.#reports.reads,
      reloads,
    }
  }
}

import { quantile } from '../cache/measure.ts'
import { type Answer, Client, post } from './client.ts'
import { tidegate } from './contestants.ts'
import { flush, type Place } from './database.ts'
import { IncomingCalls } from './incoming-calls.ts'
import { launch, type Started } from './launch.ts'
import { type ReloadsByKind, readReloads } from './reloads.ts'

/** Results of a mix of reads and writes. Several gateway processes serve it; they share Redis and the database. */
export interface Mix {
  readonly processes: number
  readonly reads: number
  readonly writes: number
  readonly requestsPerSecond: number
  /** Share of the reads whose response came from the cache alone. */
  readonly hitRatio: number
  readonly readMs: Percentiles
  readonly writeMs: Percentiles
  /** Number of reads that sent the consistency token of a write, but got a version older than that write. */
  readonly violationsWithToken: number
  /**
   * Number of reads without a consistency token that got an outdated version. A version is outdated if a newer version was acknowledged at
   * least one second (the staleness bound) before the read began.
   */
  readonly violationsWithoutToken: number
  /** Share of the reads of last month's report that were answered from the cache, while phone calls and events were inserted. */
  readonly reportHitRatio: number
  readonly reloads: ReloadsByKind
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
}

/** Object that is read and written: a campaign, or the count of today's events. */
interface Subject {
  readonly id: string
  /** Newest version of the object that is known. It never decreases. */
  version: number
  /**
   * Whether a write to the object is in flight. There is only one at a time, because the next write must name the version that the current
   * write creates.
   */
  isWriting: boolean
  /** Acknowledged writes to the object, oldest first. */
  readonly acknowledged: { readonly version: number; readonly at: number; readonly token: string }[]
}

const EVENTS = 'events'

interface Row {
  readonly id: string
  readonly version: number
}

/** The parts of a response that show versions of objects. */
interface Shown {
  readonly campaign?: Row
  readonly campaigns?: { readonly nodes: readonly Row[] }
  readonly analytics?: { readonly dashboard?: { readonly current: { readonly events: readonly { readonly count: number }[] } } }
}

/** Lowest version of each object that a read may show, by the id of the object. */
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
/**
 * Number of concurrent requests. It is lower than the number of campaigns that can be written, so that each write finds a campaign without
 * another write in flight.
 */
const CONCURRENCY = 16
/** Share of writes in all requests. About two thirds of the writes add an event, and the rest change a campaign. */
const WRITE_SHARE = 0.1
/** Number of phone calls that are inserted directly into the database, per write. */
const CALLS_PER_WRITE = 0.2
const EVENT_SHARE = 2 / 3
/** Share of the reads that request a domain. No write of the mix changes a domain. */
const DOMAIN_SHARE = 0.43
const LIST_SHARE = 0.05
const DASHBOARD_SHARE = 0.02
const REPORT_SHARE = 0.02
const TOKEN_SHARE = 0.5
const STALENESS_BOUND_MS = 1000

const ONE = 'query ($id: ID!) { campaign(id: $id) { id name version owner { name } } }'
/** Query for the campaigns whose status allows changes. Each write to a campaign changes a random one of them. */
const ALL = '{ campaigns(first: 20, filter: { status: [DRAFT, ACTIVE, PAUSED] }) { nodes { id name version owner { name } } } }'
const DASHBOARD = '{ analytics { dashboard(period: TODAY) { current { calls events { kind count } } } } }'
/** Query for last month's report. */
const REPORT =
  'query ($from: DateTime!, $to: DateTime!) { analytics { performance(from: $from, to: $to) { calls bids wonBids spend { amount } events { kind count } } } }'
const DOMAIN = 'query ($id: ID!) { domain(id: $id) { id name status score campaign { id } } }'
const DOMAINS = '{ domains(first: 100) { nodes { id } } }'
const UPDATE = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { version } errors { message } } }'
const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted errors { message } } }'

/** Measures the mix of reads and writes. @param requests Total number of requests. */
export async function measureMix(place: Place, requests: number): Promise<Mix> {
  await flush(place.redisUrl)
  const servers: Started[] = []
  const client = new Client()
  const calls = new IncomingCalls(place.databaseUrl)
  try {
    for (let count = 0; count < PROCESSES; count++) servers.push(await launch(tidegate(place)))
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
  if (!events) throw new Error('Expected the dashboard with the count of events in the response, got none.')
  const campaigns = subjects(await ask(ALL))
  return { client, anyServer, reader, writer, campaigns, events, domains: domains.nodes.map(({ id }) => id), calls, tally: new Tally() }
}

/** Sends one write. @throws when the gateway refuses it. No refusal is expected, because nobody else writes to the same object. */
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
  if (payload?.errors.length !== 0 || typeof token !== 'string')
    throw new Error(`Expected an accepted write with a consistency token, got ${answer.bytes}`)
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

/** Returns a query, and the objects (campaigns, or the count of events) whose versions the response shows. */
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

/** Draws an item by Zipf's law: the first item twice as often as the second, three times as often as the third, and so on. */
function skewedOf<Item>(items: readonly Item[]): Item {
  let choice = Math.random() * items.reduce((sum, _, index) => sum + 1 / (index + 1), 0)
  const found = items.findIndex((_, index) => {
    choice -= 1 / (index + 1)
    return choice < 0
  })
  return items.at(found) as Item
}

/** Returns the versions of objects that a response shows, by the id of the object. */
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

  /** Returns the results of the mix. @param ms Duration of the whole run, ms. */
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

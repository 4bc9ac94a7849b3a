import exec from 'k6/execution'
import { type Answer, Gateway } from './gateway.ts'
import type { Market, TenantMarket } from './market.ts'
import { latencyFromSchedule, refusedWrites, staleAnswers } from './measures.ts'
import { draw, type Random, seededRandom } from './random.ts'
import { anyRead, call, campaign } from './reads.ts'
import type { Schedule } from './schedule.ts'
import type { Settings } from './settings.ts'
import { Versions } from './versions.ts'

const UPDATE = `mutation ($input: UpdateCampaignInput!) {
  updateCampaign(input: $input) { campaign { id version } errors { code message } }
}`
const BID = 'mutation ($input: PlaceBidInput!) { placeBid(input: $input) { bid { id version } errors { code message } } }'
const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates errors { code } } }'

/** One virtual user: a member of one tenant. It remembers the versions of objects that it wrote and saw. */
export class Visitor {
  readonly #settings: Settings
  readonly #market: TenantMarket
  readonly #random: Random
  readonly #versions = new Versions()
  readonly #gateway: Gateway
  readonly #written: string[] = []
  #events = 0

  constructor(settings: Settings, market: Market) {
    const id = exec.vu.idInTest
    this.#settings = settings
    this.#random = seededRandom(settings.seed * 1_000_003 + id)
    // The tenants have the order of the tokens. With the distribution `zipf`, the first tenants get the most users.
    const tenant = draw(market.tenants, this.#random, settings.distribution)
    this.#market = tenant
    this.#gateway = new Gateway(settings, tenant.token, this.#versions)
  }

  /** Reads or writes once, and records the time from the scheduled start of the iteration to the first response. */
  async act(schedule: Schedule): Promise<void> {
    const scheduledAt = exec.scenario.startTime + schedule(exec.scenario.iterationInTest)
    if (this.#random() < this.#settings.writeShare) await this.#write(scheduledAt)
    else note(await this.#read(), scheduledAt)
  }

  /** Reads the campaign that all readers of a stampede read. */
  async readHottest(schedule: Schedule): Promise<void> {
    const scheduledAt = exec.scenario.startTime + schedule(exec.scenario.iterationInTest)
    note(await this.#gateway.ask(campaign(this.#market.campaigns[0] ?? ''), false), scheduledAt)
  }

  /** Changes the campaign that all readers of a stampede read. */
  async writeHottest(): Promise<void> {
    await this.#update(this.#market.campaigns[0] ?? '')
  }

  /**
   * Reads once. Half of the reads carry the user's consistency tokens. A third of the reads request objects that this user wrote, so that
   * reads of own writes are often checked.
   */
  async #read(): Promise<Answer> {
    const written = this.#written.length > 0 && this.#random() < 1 / 3 ? draw(this.#written, this.#random, 'uniform') : undefined
    const operation = written === undefined ? anyRead(this.#market, this.#random, this.#settings.distribution) : campaign(written)
    return this.#gateway.ask(operation, this.#random() < 0.5)
  }

  async #write(scheduledAt: number): Promise<void> {
    const kind = this.#random()
    const { campaigns, openCalls, buyers } = this.#market
    if (kind < 0.6) note(await this.#update(draw(campaigns, this.#random, this.#settings.distribution)), scheduledAt)
    else if (kind < 0.9 && openCalls.length > 0 && buyers.length > 0) await this.#bid(scheduledAt)
    else note(await this.#track(), scheduledAt)
  }

  /** Changes the budget of a campaign. Then reads the campaign with the consistency token of the change. */
  async #update(id: string): Promise<Answer> {
    const version = this.#versions.newest(id)
    const known = version === undefined ? await this.#gateway.ask(campaign(id), false) : undefined
    const amount = 10_000 + Math.floor(this.#random() * 1_000_000)
    const input = { id, version: version ?? known?.data?.campaign?.version ?? 1, budget: { amount, currency: this.#market.currency } }
    const answer = await this.#gateway.ask({ name: 'updateCampaign', query: UPDATE, variables: { input } }, false)
    const payload = answer.data?.updateCampaign
    if (payload?.errors.length > 0) refusedWrites.add(1)
    else if (payload?.campaign) {
      this.#versions.wrote(id, payload.campaign.version, answer.receivedAt)
      if (!this.#written.includes(id)) this.#written.push(id)
      await this.#gateway.ask(campaign(id), true)
    }
    return known ?? answer
  }

  /** Places a bid on a phone call. Then reads the call with the consistency token of the bid: the bid must be in the response. */
  async #bid(scheduledAt: number): Promise<void> {
    const callId = draw(this.#market.openCalls, this.#random, this.#settings.distribution)
    const buyerId = draw(this.#market.buyers, this.#random, this.#settings.distribution)
    const amount = { amount: 1 + Math.floor(this.#random() * 500), currency: this.#market.currency }
    const input = { callId, buyerId, amount, ttlSeconds: 300 }
    const answer = await this.#gateway.ask({ name: 'placeBid', query: BID, variables: { input } }, false)
    note(answer, scheduledAt)
    const payload = answer.data?.placeBid
    if (payload?.errors.length > 0) refusedWrites.add(1)
    else if (payload?.bid) {
      this.#versions.wrote(payload.bid.id, payload.bid.version, answer.receivedAt)
      const read = await this.#gateway.ask(call(callId), true)
      const bids: readonly { readonly id: string }[] = read.data?.call?.bids?.nodes ?? []
      // The response lists at most five bids. If the list is full, other bids may have displaced the new bid.
      if (read.isGood && bids.length < 5 && !bids.some(({ id }) => id === payload.bid.id)) staleAnswers.add(1)
    }
  }

  #track(): Promise<Answer> {
    const campaignId = draw(this.#market.campaigns, this.#random, this.#settings.distribution)
    const eventId = `k6-${Date.now()}-${exec.vu.idInTest}-${this.#events++}`
    const event = { eventId, campaignId, kind: 'CLICK', occurredAt: new Date().toISOString() }
    return this.#gateway.ask({ name: 'trackEvents', query: TRACK, variables: { input: { events: [event] } } }, false)
  }
}

function note(answer: Answer, scheduledAt: number): void {
  latencyFromSchedule.add(Math.max(0, answer.receivedAt - scheduledAt))
}

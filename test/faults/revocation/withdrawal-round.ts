import type { CallGateway, CallOutcome, CallTenant } from './call-gateway.ts'
import { problemAfter, problemBefore, type Query, type Withdrawal, withdraw } from './withdrawals.ts'

const CONSENT = 'mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { consent { id } errors { message } } }'

/** Number of times that a request is sent while it has no answer. */
const ATTEMPTS = 50

/** Fault of servers or instances during withdrawals. */
export interface Disturbance {
  readonly name: string
  /** Whether it disturbs this withdrawal at all. */
  readonly isFor: (withdrawal: Withdrawal) => boolean
  /** Instance that answers the withdrawals. Default: any that is awake. */
  readonly answering?: number
  /** Instance that decides no pings while callers withdraw. */
  readonly silent?: number
  /** Instance that is stopped while callers withdraw. It holds locks if it decides a ping meanwhile. */
  readonly sleeper?: number
  readonly begin: () => Promise<unknown>
  /** Ends a part of the disturbance when all callers have withdrawn. The next pings are sent afterwards. */
  readonly afterWithdrawals?: () => void
  /** Ends the disturbance when the next pings of all instances are sent. */
  readonly end: () => Promise<unknown>
}

export interface RoundOptions {
  readonly query: Query
  readonly tenant: CallTenant
  readonly gateways: readonly CallGateway[]
  readonly withdrawals: readonly Withdrawal[]
  readonly disturbance: Disturbance
  /** Number of the first caller; no other round has these callers. */
  readonly firstCaller: number
}

export interface RoundResult {
  readonly operations: number
  /** Wrong answers, by the name of the withdrawal. */
  readonly problems: readonly { readonly withdrawal: string; readonly text: string }[]
  /** Withdrawals that are stored, although the gateway reported a problem. */
  readonly unconfirmed: number
  /** Pings that were decided while their caller withdrew: they may be offers, or refused. */
  readonly during: number
  /** Pings that had no answer, or an error, because something is broken or slow. */
  readonly undecided: number
}

/** Lets one caller withdraw in each way while all instances decide on its pings, and judges each ping and each post. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { disturbance, withdrawals, firstCaller } = options
  const callers = withdrawals.map((withdrawal, index) => new WithdrawingCaller(options, withdrawal, firstCaller + index))
  await Promise.all(callers.map((caller) => caller.prepare()))
  await disturbance.begin()
  const { afterWithdrawals } = disturbance
  if (afterWithdrawals) {
    await Promise.all(callers.map((caller) => caller.withdraw()))
    afterWithdrawals()
    for (const caller of callers) caller.sendNext()
  } else await Promise.all(callers.map((caller) => caller.withdraw().then(() => caller.sendNext())))
  await disturbance.end()
  const results = await Promise.all(callers.map((caller) => caller.finish()))
  return {
    operations: results.reduce((sum, { operations }) => sum + operations, 0),
    problems: results.flatMap(({ problems }) => problems),
    unconfirmed: results.filter(({ isUnconfirmed }) => isUnconfirmed).length,
    during: results.reduce((sum, { during }) => sum + during, 0),
    undecided: results.reduce((sum, { undecided }) => sum + undecided, 0),
  }
}

interface PingRecord {
  readonly instance: number
  /** Numbers of the events before and after the ping. A lower number is earlier. */
  readonly beganAt: number
  readonly endedAt: number
  readonly answer: CallOutcome
}

class WithdrawingCaller {
  readonly #options: RoundOptions
  readonly #withdrawal: Withdrawal
  readonly #index: number
  readonly #caller: { readonly number: string; readonly evidence: string }
  readonly #pings: PingRecord[] = []
  readonly #running: Promise<unknown>[] = []
  readonly #posts: Promise<string>[] = []
  #offers: readonly CallOutcome[] = []
  #events = 0
  #sentAt = 0
  #storedAt = 0
  #isOver = false
  #isUnconfirmed = false

  constructor(options: RoundOptions, withdrawal: Withdrawal, index: number) {
    this.#options = options
    this.#withdrawal = withdrawal
    this.#index = index
    this.#caller = { number: `+1310${String(index).padStart(7, '0')}`, evidence: `certificate ${index}` }
  }

  /** Gives consent, gets an offer from each instance, and lets the instances decide on further pings without end. */
  async prepare(): Promise<void> {
    const { gateways, disturbance } = this.#options
    const { number, evidence } = this.#caller
    const input = { caller: number, source: 'form', evidence, givenAt: '2026-01-01T00:00:00Z' }
    await repeated(
      () => this.#gateway(this.#index % gateways.length).send(CONSENT, input),
      ({ problem }) => problem,
    )
    this.#offers = await Promise.all(gateways.map((_, instance) => this.#decidedPing(instance, repeatedZip(instance))))
    for (const instance of gateways.keys()) if (instance !== disturbance.silent) this.#running.push(this.#decide(instance))
  }

  /** Withdraws by SQL, or on an instance that is awake. */
  async withdraw(): Promise<void> {
    const { query, tenant, gateways, disturbance } = this.#options
    const any = this.#index % gateways.length
    const awake = any === disturbance.sleeper ? (any + 1) % gateways.length : any
    const gateway = this.#gateway(disturbance.answering ?? awake)
    this.#sentAt = ++this.#events
    this.#isUnconfirmed = (await withdraw(this.#withdrawal, { query, tenant, gateway }, this.#caller)) !== undefined
    this.#storedAt = ++this.#events
  }

  /** Sends the next pings to each instance: a repeated one, and a new one. Posts the offers of before on other instances. */
  sendNext(): void {
    const { gateways } = this.#options
    for (const instance of gateways.keys())
      this.#running.push(this.#decidedPing(instance, repeatedZip(instance)), this.#decidedPing(instance, 30_000 + instance))
    for (const [instance, { reservationId }] of this.#offers.entries())
      if (reservationId !== undefined) this.#posts.push(this.#decidedPost((instance + 1) % gateways.length, reservationId))
  }

  async finish() {
    this.#isOver = true
    await Promise.all(this.#running)
    const posts = await Promise.all(this.#posts)
    const named = (text: string) => ({
      withdrawal: this.#withdrawal.name,
      text: `${this.#withdrawal.name}, ${this.#options.disturbance.name}, caller ${this.#index}: ${text}`,
    })
    return {
      operations: this.#pings.length + posts.length + 1,
      problems: [...this.#pings.flatMap((ping) => this.#problemOf(ping)), ...this.#postProblems(posts)].map(named),
      isUnconfirmed: this.#isUnconfirmed,
      undecided: this.#pings.filter(({ answer }) => answer.outcome === 'FAILED').length,
      during: this.#pings.filter(({ beganAt, endedAt }) => beganAt < this.#storedAt && endedAt > this.#sentAt).length,
    }
  }

  #problemOf({ instance, beganAt, endedAt, answer }: PingRecord): readonly string[] {
    if (answer.outcome === 'FAILED') return []
    const before = problemBefore(answer)
    const after = problemAfter(this.#withdrawal, answer)
    if (endedAt < this.#sentAt) return before === undefined ? [] : [`a ping on instance ${instance} before it: ${before}`]
    if (beganAt > this.#storedAt) return after === undefined ? [] : [`a ping on instance ${instance} after it: ${after}`]
    return before === undefined || after === undefined ? [] : [`a ping on instance ${instance} meanwhile: ${after}`]
  }

  #postProblems(posts: readonly string[]): readonly string[] {
    const { refusal } = this.#withdrawal
    return posts.flatMap((got, instance) =>
      got === refusal ? [] : [`the post of an offer of instance ${instance}: expected ${refusal}, got ${got}`],
    )
  }

  async #decide(instance: number): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) await this.#ping(instance, turn % 2 === 0 ? repeatedZip(instance) : 20_000 + turn)
  }

  async #ping(instance: number, zip: number): Promise<CallOutcome> {
    const beganAt = ++this.#events
    const answer = await this.#gateway(instance).ping(this.#caller.number, String(zip))
    this.#pings.push({ instance, beganAt, endedAt: ++this.#events, answer })
    return answer
  }

  /** Pings until the ping is decided. */
  #decidedPing(instance: number, zip: number): Promise<CallOutcome> {
    return repeated(
      () => this.#ping(instance, zip),
      ({ outcome, problem }) => (outcome === 'FAILED' ? problem : undefined),
    )
  }

  /** Posts until the post is decided. A post that was refused without an answer has ended the offer, so it is LAPSED the next time. */
  async #decidedPost(instance: number, reservationId: string): Promise<string> {
    let posts = 0
    const got = await repeated(
      () => {
        posts++
        return this.#gateway(instance).post(this.#caller.number, reservationId)
      },
      (outcome) => (outcome === 'FAILED' ? 'a post failed' : undefined),
    )
    return posts > 1 && got === 'LAPSED' ? this.#withdrawal.refusal : got
  }

  #gateway(instance: number): CallGateway {
    const gateway = this.#options.gateways[instance]
    if (!gateway) throw new Error(`Expected an instance ${instance}, but there are ${this.#options.gateways.length}.`)
    return gateway
  }
}

/** Repeats a request until it succeeds. @param problemOf Returns why it did not; undefined if it did. */
async function repeated<Result>(request: () => Promise<Result>, problemOf: (result: Result) => string | undefined): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const result = await request()
    const problem = problemOf(result)
    if (problem === undefined) return result
    if (attempt === ATTEMPTS) throw new Error(`Expected a request to succeed within ${ATTEMPTS} attempts, got: ${problem}`)
  }
}

/** ZIP code of the pings that an instance repeats. */
function repeatedZip(instance: number): number {
  return 10_000 + instance
}

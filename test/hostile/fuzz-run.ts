import type { HostileGateway, Outcome } from './hostile-gateway.ts'
import { judge, maxTurnMs, type Verdict } from './judge.ts'
import { GET_HEADERS, type HostileRequest, JSON_HEADERS } from './request.ts'

export interface Finding {
  readonly request: HostileRequest
  readonly round: number | undefined
  readonly reason: string
}

/** A request and its outcome, including the longest turn of the event loop that it caused. */
export interface Turn {
  readonly request: HostileRequest
  readonly outcome: Outcome
  readonly isAccepted: boolean
}

export interface Tally {
  requests: number
  accepted: number
  readonly refusedByCode: Map<string, number>
  readonly refusedBySetting: Map<string, number>
  /** The request with the longest turn, by kind of request. */
  readonly worst: Map<string, Turn>
  /** The accepted operation that took the most memory, by kind of request. */
  readonly dearest: Map<string, Turn>
  readonly findings: Finding[]
}

export function newTally(): Tally {
  return {
    requests: 0,
    accepted: 0,
    refusedByCode: new Map(),
    refusedBySetting: new Map(),
    worst: new Map(),
    dearest: new Map(),
    findings: [],
  }
}

export interface FuzzRunOptions {
  readonly start: () => Promise<HostileGateway>
  readonly introspection: boolean
  readonly tally: Tally
  readonly until: number
  /** Factor by which all time limits are multiplied. */
  readonly slack: number
}

/** Number of repetitions of a request that took too long. The median counts. */
const REPEATS = 5
/** Number of times that a document is sent in a row from time to time, because only repeated documents are compiled. */
const HOT_EVERY = 20
const HOT_REPEATS = 4

/** Sends requests to one gateway and judges each response. Starts a new gateway if the current one has exited. */
export class FuzzRun {
  readonly #options: FuzzRunOptions
  #gateway: HostileGateway | undefined
  #round = 0

  constructor(options: FuzzRunOptions) {
    this.#options = options
  }

  #maxTurnMs(outcome: Outcome): number {
    return maxTurnMs(outcome) * this.#options.slack
  }

  async run(requests: Iterable<HostileRequest>): Promise<void> {
    try {
      let count = 0
      for (const request of requests) {
        if (Date.now() >= this.#options.until) return
        const isHot = ++count % HOT_EVERY === 0
        await this.#try(request, isHot ? undefined : ++this.#round)
        for (let repeat = 1; isHot && repeat < HOT_REPEATS; repeat++) await this.#try(request, undefined)
      }
    } finally {
      await this.#gateway?.stop()
    }
  }

  async #try(request: HostileRequest, round: number | undefined): Promise<void> {
    const { tally, introspection } = this.#options
    const first = await this.#measure(request, round)
    const verdict = judge(first, introspection)
    count(tally, verdict)
    const outcome =
      first.worstTurnMs > this.#maxTurnMs(first) && first.failure === undefined ? await this.#again(request, round, first) : first
    if (outcome.failure !== undefined) this.#find(request, round, outcome.failure)
    else if (outcome.worstTurnMs > this.#maxTurnMs(outcome))
      this.#find(
        request,
        round,
        `a turn of ${outcome.worstTurnMs.toFixed(1)} ms, at most ${this.#maxTurnMs(outcome)} ms are allowed for ${outcome.bytes} bytes`,
      )
    for (const fault of verdict.faults) this.#find(request, round, fault)
    const turn = { request, outcome, isAccepted: verdict.isAccepted }
    keep(tally.worst, turn, ({ worstTurnMs }) => worstTurnMs)
    if (verdict.isAccepted) keep(tally.dearest, turn, ({ heapGrowth }) => heapGrowth)
  }

  /**
   * Repeats a request and returns the median. A repetition may be answered from the cache, but an attacker could avoid
   * that by changing an argument. If only the first attempt was slow, the repetitions therefore bypass the cache, as an
   * administrator may.
   */
  async #again(request: HostileRequest, round: number | undefined, first: Outcome): Promise<Outcome> {
    const usual = await this.#median(request, round, [first])
    if (usual.worstTurnMs > this.#maxTurnMs(usual) || request.headers) return usual
    const headers = { 'cache-control': 'no-cache', ...(request.method === 'POST' ? JSON_HEADERS : GET_HEADERS) }
    return this.#median({ ...request, caller: 'ADMIN', headers }, round ?? 0, [])
  }

  async #median(request: HostileRequest, round: number | undefined, known: readonly Outcome[]): Promise<Outcome> {
    const outcomes = [...known]
    while (outcomes.length < REPEATS) outcomes.push(await this.#measure(request, round === undefined ? undefined : ++this.#round))
    outcomes.sort((a, b) => a.worstTurnMs - b.worstTurnMs)
    const median = outcomes[Math.floor(REPEATS / 2)]
    if (!median) throw new RangeError('A median needs a measurement.')
    return median
  }

  async #measure(request: HostileRequest, round: number | undefined): Promise<Outcome> {
    if (!this.#gateway?.isAlive) this.#gateway = await this.#options.start()
    return this.#gateway.measure(request, round)
  }

  #find(request: HostileRequest, round: number | undefined, reason: string): void {
    const { findings } = this.#options.tally
    const isKnown = findings.some((finding) => finding.request.kind === request.kind && sameReason(finding.reason, reason))
    if (!isKnown) findings.push({ request, round, reason })
  }
}

/** Compares two reasons without the numbers in them. */
function sameReason(one: string, other: string): boolean {
  return one.replaceAll(/\d+/g, '0') === other.replaceAll(/\d+/g, '0')
}

function count(tally: Tally, { isAccepted, code = 'none', setting }: Verdict): void {
  tally.requests++
  if (isAccepted) {
    tally.accepted++
    return
  }
  tally.refusedByCode.set(code, (tally.refusedByCode.get(code) ?? 0) + 1)
  if (setting !== undefined) tally.refusedBySetting.set(setting, (tally.refusedBySetting.get(setting) ?? 0) + 1)
}

function keep(best: Map<string, Turn>, turn: Turn, figure: (outcome: Outcome) => number): void {
  const known = best.get(turn.request.kind)
  if (!known || figure(known.outcome) < figure(turn.outcome)) best.set(turn.request.kind, turn)
}

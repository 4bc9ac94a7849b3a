import type { Cap, Counted } from '#src/market/rules/routing/candidate.ts'
import type { BuyerReason } from '#src/market/rules/routing/reason.ts'
import { isOpen, periodName } from './clocks.ts'
import type { StoredDecision, StoredReservation } from './stored.ts'
import type { BuyerSettings, History, PingRun, PlanTarget, Rules, Span, Version } from './world.ts'

/** Time for which an open reservation is held beyond its expiry, ms: the grace of a post. */
const GRACE_MS = 5000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Time after which a connected call is no longer one of the concurrent calls, ms. */
const MAX_CALL_MS = DAY_MS + GRACE_MS
/** Reasons of buyers that are allowed but full. */
const FULL: readonly BuyerReason['reason'][] = ['CONCURRENCY', 'CAP']
/** Callers' refusals that the judge checks. */
const CONSENT_REFUSALS = ['CONSENT_MISSING', 'CONSENT_REVOKED']

/**
 * Judges a run: looks at each decision with all that was committed, and returns a sentence for each fault. Where the order of two
 * operations is not known, because they overlapped, the judge takes the order that speaks for the program.
 */
export function judge(history: History, reservations: readonly StoredReservation[], decisions: readonly StoredDecision[]): string[] {
  return new Judge(history, reservations, decisions).faults()
}

interface Held extends StoredReservation {
  /** The ping that made it. */
  readonly made: Span
  /** The settlement that ended it, or the post that was refused. */
  readonly ended: Span | undefined
}

class Judge {
  readonly #history: History
  readonly #held: readonly Held[]
  readonly #decisions: ReadonlyMap<number, StoredDecision>
  /** Request of the ping that made each reservation. */
  readonly #requests: ReadonlyMap<number, string>
  readonly #faults: string[] = []

  constructor(history: History, reservations: readonly StoredReservation[], decisions: readonly StoredDecision[]) {
    this.#history = history
    this.#decisions = new Map(decisions.map((decision) => [decision.id, decision]))
    const pings = new Map(history.pings.toReversed().map((ping) => [ping.reservationId, ping]))
    this.#requests = new Map(
      history.pings.flatMap(({ reservationId, request }) => (reservationId === null ? [] : [[reservationId, request] as const])),
    )
    const callOf = new Map(history.posts.flatMap((post) => (post.callId === null ? [] : [[post.reservationId, post.callId] as const])))
    const settled = new Map(history.settlements.filter(({ settled }) => settled).map((run) => [run.callId, run]))
    const refused = new Map(history.posts.filter(({ refusal }) => refusal !== null).map((post) => [post.reservationId, post]))
    this.#held = reservations.map((row) => {
      const made = pings.get(row.id) ?? { start: 0, end: 0 }
      const ended =
        row.connectedAt === null ? (row.state === 'ENDED' ? refused.get(row.id) : undefined) : settled.get(callOf.get(row.id) ?? 0)
      return { ...row, made, ended }
    })
  }

  faults(): string[] {
    const byId = new Map(this.#held.map((row) => [row.id, row]))
    const judged = new Set<number>()
    for (const ping of this.#history.pings) {
      const decision = this.#decisions.get(ping.decisionId)
      if (!decision) this.#fault(`The decision ${ping.decisionId} of a ping is not stored.`)
      else if (!judged.has(decision.id)) {
        judged.add(decision.id)
        this.#judgePing(ping, decision, byId.get(ping.reservationId ?? 0))
      }
    }
    for (const post of this.#history.posts) {
      const row = byId.get(post.reservationId)
      if (!row) continue
      if (post.callId !== null && row.caller !== post.caller) this.#fault(`Post of ${row.id}: it was connected for another caller.`)
      if (post.callId !== null && row.connectedAt !== null && row.connectedAt >= row.expiresAt)
        this.#fault(`Post of ${row.id}: it was connected too late.`)
      if (
        post.callId !== null &&
        row.connectedAt !== null &&
        this.#isForbidden(post.caller, row.buyerId, this.#firstPost(post.reservationId))
      )
        this.#fault(`Post of ${row.id}: it was connected although the caller was suppressed before.`)
    }
    return this.#faults
  }

  #firstPost(reservationId: number): Span {
    return this.#history.posts
      .filter((post) => post.reservationId === reservationId && post.callId !== null)
      .sort((a, b) => a.end - b.end)[0] as Span
  }

  #fault(message: string): void {
    this.#faults.push(message)
  }

  #judgePing(ping: PingRun, decision: StoredDecision, row: Held | undefined): void {
    const name = `Ping ${decision.id} (${decision.outcome})`
    const buyers = this.#version(this.#history.buyers, decision.buyersRevision, ping, `${name}: revision ${decision.buyersRevision}`)
    const plan = this.#version(this.#history.plans, decision.planVersionId, ping, `${name}: plan ${decision.planVersionId}`)
    const rules = this.#version(this.#history.rules, decision.ruleSetId, ping, `${name}: rule set ${decision.ruleSetId}`)
    if (buyers === undefined || plan === undefined || rules === undefined) return
    this.#judgeCaller(name, ping, decision, rules, row)
    if (decision.outcome !== 'OFFERED' && decision.outcome !== 'NO_BUYER') return
    const told = new Map(decision.reasons.map(({ buyerId, reason }) => [buyerId, reason]))
    for (const [buyerId, settings] of buyers) {
      const reason = told.get(buyerId)
      const target = plan.find((item) => item.buyerId === buyerId)
      if ((buyerId === decision.buyerId) === (reason !== undefined)) this.#fault(`${name}: buyer ${buyerId} has no single reason.`)
      else if (reason !== undefined) this.#judgeReason(name, ping, decision, buyerId, settings, target, plan.length > 0, reason, row)
      else if (row) this.#judgeOffer(name, ping, row, settings, target, plan.length > 0)
    }
  }

  /** Judges what the rules and the caller's wishes say. */
  #judgeCaller(name: string, ping: PingRun, { outcome, decidedAt }: StoredDecision, rules: Rules, row: Held | undefined): void {
    const wrong = (condition: boolean, message: string) => condition && this.#fault(`${name}: ${message}.`)
    const limit = rules.attempts ?? Number.POSITIVE_INFINITY
    const attempts = this.#held.filter(({ caller, reservedAt }) => caller === ping.caller && decidedAt - reservedAt < HOUR_MS)
    if (CONSENT_REFUSALS.includes(outcome)) wrong(!rules.consentRequired || this.#hasConsent(ping, 'SURELY'), 'the caller had agreed')
    if (outcome === 'SUPPRESSED') wrong(!this.#isSuppressed(ping.caller, 0, ping, 'PERHAPS'), 'the caller was not suppressed')
    if (outcome === 'ATTEMPTS') wrong(attempts.filter(({ made }) => made.start < ping.end).length < limit, 'there were fewer attempts')
    if (outcome !== 'OFFERED' && outcome !== 'NO_BUYER') return
    wrong(rules.consentRequired && !this.#hasConsent(ping, 'PERHAPS'), 'the caller had not agreed')
    wrong(this.#isSuppressed(ping.caller, 0, ping, 'SURELY'), 'the caller was suppressed')
    if (!row) return
    wrong(attempts.filter(({ id }) => id < row.id).length >= limit, 'there were too many attempts')
    const request = this.#requests.get(row.id)
    const equal = attempts.find(
      (other) =>
        other.id < row.id &&
        other.connectedAt === null &&
        !other.ended &&
        other.expiresAt > row.reservedAt &&
        this.#requests.get(other.id) === request,
    )
    wrong(
      equal !== undefined && !this.#isForbidden(ping.caller, equal.buyerId, ping, 'PERHAPS'),
      `an equal ping had the offer ${equal?.id}`,
    )
  }

  /** Returns the named version. It must have been the current one at some time during the ping. */
  #version<Content>(versions: readonly Version<Content>[], id: number | null, ping: Span, name: string): Content | undefined {
    const index = versions.findIndex((version) => version.id === id)
    const [version, next] = [versions[index], versions[index + 1]]
    if (!version || version.start > ping.end) this.#fault(`${name} was not there.`)
    else if (next && next.end < ping.start) this.#fault(`${name} was not the current one.`)
    else return version.content
    return undefined
  }

  #judgeOffer(name: string, ping: PingRun, row: Held, settings: BuyerSettings, target: PlanTarget | undefined, hasTargets: boolean): void {
    const wrong = (condition: boolean, message: string) => condition && this.#fault(`${name}: ${message}.`)
    wrong(!settings.active, 'the buyer was paused')
    wrong(hasTargets && !target, 'the buyer was not in the plan')
    wrong(settings.states.length > 0 && !settings.states.includes(ping.state), 'the buyer does not take the state')
    wrong(!isOpen(settings.schedule, settings.timeZone, row.reservedAt), 'the buyer was closed')
    wrong(row.priceMinor !== (target?.price ?? settings.priceMinor), 'the price is wrong')
    wrong(this.#isForbidden(ping.caller, row.buyerId, ping), 'the buyer must not have the caller')
    wrong(this.#isDuplicate(row, ping, row.buyerId, settings, 'SURELY'), 'the caller was a duplicate')
    const others = this.#held.filter(({ id, buyerId }) => buyerId === row.buyerId && id < row.id)
    const concurrent = others.filter((other) => this.#isRunning(other, ping, row.reservedAt, 'SURELY')).length
    wrong(concurrent >= settings.maxConcurrentCalls, `the buyer had ${concurrent} of ${settings.maxConcurrentCalls} calls at once`)
    for (const cap of settings.caps) {
      const used = this.#used(cap, others, ping, row.reservedAt, settings.timeZone, 'SURELY')
      wrong(used + (cap.counts === 'MONEY' ? row.priceMinor : 1) > cap.maximum, `the cap ${JSON.stringify(cap)} had ${used}`)
    }
    const spent = this.#held.filter(
      (other) => other.id === row.id || (other.made.end <= ping.end && this.#isPaid(other, ping, row.reservedAt)),
    )
    const sum = spent.reduce((total, { payoutMinor }) => total + payoutMinor, 0)
    wrong(sum > this.#history.budgetMinor, `the budget of ${this.#history.budgetMinor} had ${sum}`)
  }

  #judgeReason(
    name: string,
    ping: PingRun,
    decision: StoredDecision,
    buyerId: number,
    settings: BuyerSettings,
    target: PlanTarget | undefined,
    hasTargets: boolean,
    reason: BuyerReason['reason'],
    row: Held | undefined,
  ): void {
    const price = target?.price ?? settings.priceMinor
    const now = decision.decidedAt
    const others = this.#held.filter((other) => other.buyerId === buyerId && other.made.start < ping.end && other.id !== row?.id)
    const holds: Readonly<Record<string, () => boolean>> = {
      PAUSED: () => !settings.active,
      NOT_IN_PLAN: () => hasTargets && !target,
      STATE: () => settings.states.length > 0 && !settings.states.includes(ping.state),
      CLOSED: () => !isOpen(settings.schedule, settings.timeZone, now),
      MINIMUM_BID: () => price < 1,
      SUPPRESSED: () => this.#isSuppressed(ping.caller, buyerId, ping, 'PERHAPS'),
      DUPLICATE: () => this.#isDuplicate({ ...ping, id: row?.id, reservedAt: now }, ping, buyerId, settings, 'PERHAPS'),
      CONCURRENCY: () => others.filter((other) => this.#isRunning(other, ping, now, 'PERHAPS')).length >= settings.maxConcurrentCalls,
      CAP: () =>
        settings.caps.some(
          (cap) => this.#used(cap, others, ping, now, settings.timeZone, 'PERHAPS') + (cap.counts === 'MONEY' ? price : 1) > cap.maximum,
        ),
      // The rules must allow the buyer. Whether it is full is not asked, because another one was better.
      OUTRANKED: () =>
        row !== undefined && price <= row.priceMinor && !this.#isRuledOut(ping, decision, buyerId, settings, target, hasTargets, row),
    }
    if (FULL.includes(reason) && row && price < row.priceMinor)
      this.#fault(`${name}: buyer ${buyerId} ranks below the winner, but its reason is ${reason}.`)
    if (!holds[reason]?.()) this.#fault(`${name}: the reason ${reason} is not true for buyer ${buyerId}.`)
  }

  /** Whether the terms of a buyer, or its wishes about the caller, surely spoke against the call. */
  #isRuledOut(
    ping: PingRun,
    { decidedAt }: StoredDecision,
    buyerId: number,
    settings: BuyerSettings,
    target: PlanTarget | undefined,
    hasTargets: boolean,
    row: Held,
  ): boolean {
    if (!settings.active || (hasTargets && !target) || (target?.price ?? settings.priceMinor) < 1) return true
    if (settings.states.length > 0 && !settings.states.includes(ping.state)) return true
    if (!isOpen(settings.schedule, settings.timeZone, decidedAt)) return true
    return this.#isForbidden(ping.caller, buyerId, ping) || this.#isDuplicate(row, ping, buyerId, settings, 'SURELY')
  }

  /** Whether a reservation was held at a decision. PERHAPS: in some order of what overlapped. */
  #isHeld(other: Held, at: Span, now: number, sure: 'SURELY' | 'PERHAPS'): boolean {
    if (other.ended) return sure === 'SURELY' ? other.ended.start > at.end : other.ended.end > at.start
    return other.connectedAt !== null || other.expiresAt + GRACE_MS > now
  }

  /** Whether a reservation was one of the buyer's concurrent calls. */
  #isRunning(other: Held, at: Span, now: number, sure: 'SURELY' | 'PERHAPS'): boolean {
    return (other.connectedAt === null || other.connectedAt > now - MAX_CALL_MS) && this.#isHeld(other, at, now, sure)
  }

  #used({ counts, period }: Cap, others: readonly Held[], at: Span, now: number, zone: string, sure: 'SURELY' | 'PERHAPS'): number {
    const name = periodName(zone, period, now)
    const inPeriod = others.filter(({ reservedAt }) => periodName(zone, period, reservedAt) === name)
    const counted = inPeriod.filter((other) => this.#counts(counts, other, at, now, sure))
    return counts === 'MONEY' ? counted.reduce((sum, { priceMinor }) => sum + priceMinor, 0) : counted.length
  }

  #counts(counts: Counted, other: Held, at: Span, now: number, sure: 'SURELY' | 'PERHAPS'): boolean {
    if (counts === 'ATTEMPTS') return true
    if (counts === 'CONNECTIONS' && other.connectedAt !== null) return true
    return other.state === 'CONVERTED' || this.#isHeld(other, at, now, sure)
  }

  #isPaid(other: Held, at: Span, now: number): boolean {
    return other.state === 'CONVERTED' || this.#isHeld(other, at, now, 'SURELY')
  }

  #isDuplicate(
    { id, caller, reservedAt: now }: { readonly id: number | undefined; readonly caller: string; readonly reservedAt: number },
    at: Span,
    buyerId: number,
    { duplicates }: BuyerSettings,
    sure: 'SURELY' | 'PERHAPS',
  ): boolean {
    if (!duplicates) return false
    return this.#held.some((other) => {
      if (other.caller !== caller || other.id === id || (sure === 'SURELY' ? other.id > (id ?? 0) : other.made.start > at.end)) return false
      if (duplicates.scope === 'BUYER' && other.buyerId !== buyerId) return false
      if (now - other.reservedAt >= duplicates.days * DAY_MS) return false
      if (other.connectedAt === null) return this.#isHeld(other, at, now, sure)
      return duplicates.by === 'CONNECTED' || other.state === 'CONVERTED' || this.#isHeld(other, at, now, sure)
    })
  }

  #isForbidden(caller: string, buyerId: number, at: Span, sure: 'SURELY' | 'PERHAPS' = 'SURELY'): boolean {
    return this.#isSuppressed(caller, buyerId, at, sure) || this.#isSuppressed(caller, 0, at, sure)
  }

  #isSuppressed(caller: string, buyerId: number, at: Span, sure: 'SURELY' | 'PERHAPS'): boolean {
    return this.#history.callers.some(
      (event) =>
        event.kind === 'SUPPRESSION' &&
        event.caller === caller &&
        event.buyerId === buyerId &&
        (sure === 'SURELY' ? event.end < at.start : event.start < at.end),
    )
  }

  #hasConsent({ caller, start, end }: PingRun, sure: 'SURELY' | 'PERHAPS'): boolean {
    const ofCaller = this.#history.callers.filter((event) => event.caller === caller)
    const revoked = ofCaller.filter((event) => event.kind === 'REVOCATION' && (sure === 'SURELY' ? event.start < end : event.end < start))
    return ofCaller.some(
      (event) =>
        event.kind === 'CONSENT' &&
        (sure === 'SURELY' ? event.end < start : event.start < end) &&
        !revoked.some((revocation) => revocation.at >= event.at),
    )
  }
}

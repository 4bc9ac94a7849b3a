import { GatewayError } from '../errors.ts'
import type { LeasedBudget } from './leased-budget.ts'

/** Whose budget a request is counted in. */
export interface Caller {
  /** undefined for an anonymous caller. */
  readonly tenant: string | undefined
  /** The user within the tenant; the address of an anonymous caller. */
  readonly name: string
}

export interface RateLimitsOptions {
  /** undefined: no limit. */
  readonly caller: LeasedBudget | undefined
  readonly tenant: LeasedBudget | undefined
}

/** A request beyond the budget of its caller or of its tenant. */
export class RateLimitedError extends GatewayError {
  /** When to send the request again, in whole seconds from now. */
  readonly retryAfterSeconds: number

  constructor(who: string, setting: string, perMinute: number, waitMs: number) {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000))
    super(
      'RATE_LIMITED',
      `Expected at most ${perMinute} requests a minute (${setting}), and ${who} has sent more: send the request again in ${seconds} s.`,
    )
    this.retryAfterSeconds = seconds
  }
}

/** How many requests a caller and a tenant may send in a minute. */
export class RateLimits {
  readonly #options: RateLimitsOptions

  constructor(options: RateLimitsOptions) {
    this.#options = options
  }

  /** Counts a request without waiting for anything. @returns false where {@link count} has to decide. */
  countAtHand(caller: Caller): boolean {
    const budgets = this.#budgetsOf(caller)
    for (const [index, { budget, key }] of budgets.entries()) {
      if (budget.spendAtHand(key)) continue
      for (const spent of budgets.slice(0, index)) spent.budget.charge(spent.key, -1)
      return false
    }
    return true
  }

  /** Counts a request. @throws RateLimitedError where a budget has nothing left. */
  async count(caller: Caller): Promise<void> {
    const budgets = this.#budgetsOf(caller)
    for (const [index, { budget, key, who, setting }] of budgets.entries()) {
      const waitMs = await budget.spend(key)
      if (waitMs === 0) continue
      for (const spent of budgets.slice(0, index)) spent.budget.charge(spent.key, -1)
      throw new RateLimitedError(who, setting, budget.perMinute, waitMs)
    }
  }

  /** Counts more requests of the caller, which were answered already; with a negative number, fewer. */
  charge(caller: Caller, requests: number): void {
    for (const { budget, key } of this.#budgetsOf(caller)) budget.charge(key, requests)
  }

  #budgetsOf({ tenant, name }: Caller) {
    const budgets: { budget: LeasedBudget; key: string; who: string; setting: string }[] = []
    const { caller: ofCaller, tenant: ofTenant } = this.#options
    const key = tenant === undefined ? `:${name}` : `${tenant}:${name}`
    const who = tenant === undefined ? 'this address' : 'this user'
    if (ofCaller) budgets.push({ budget: ofCaller, key, who, setting: 'RATE_LIMIT_CALLER' })
    if (ofTenant && tenant !== undefined)
      budgets.push({ budget: ofTenant, key: tenant, who: `the tenant ${tenant}`, setting: 'RATE_LIMIT_TENANT' })
    return budgets
  }
}

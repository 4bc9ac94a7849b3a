import { GatewayError } from '../../errors.ts'
import type { LeasedBudget } from './leased-budget.ts'

/**
 * Caller of a request. The request counts against the budget of this caller and, if the caller has a tenant, against the budget of the
 * tenant.
 */
export interface Caller {
  /** The caller's tenant; undefined for an anonymous caller. */
  readonly tenant: string | undefined
  /** Id of the user within the tenant; for an anonymous caller, the IPv4 address or the IPv6 /64 network. */
  readonly name: string
}

export interface RateLimitsOptions {
  /** Budget of each caller; undefined if callers are not limited. */
  readonly caller: LeasedBudget | undefined
  readonly tenant: LeasedBudget | undefined
  /** Name of the variable that limits callers, for error messages. Default: `RATE_LIMIT_CALLER`. */
  readonly setting?: string
}

/** Error for a request that exceeds the budget of its caller or of its tenant. */
export class RateLimitedError extends GatewayError {
  /** Time that the client should wait before it sends the request again, in whole seconds. */
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

/** Limits the requests of each caller and each tenant per minute. */
export class RateLimits {
  readonly #options: RateLimitsOptions

  constructor(options: RateLimitsOptions) {
    this.#options = options
  }

  /**
   * Counts a request against the budgets of its caller and tenant without waiting.
   * @returns false if the request was not counted, because the lease of a budget is used up: then {@link count} decides.
   */
  tryCount(caller: Caller): boolean {
    const budgets = this.#budgetsOf(caller)
    for (const [index, { budget, key }] of budgets.entries()) {
      if (budget.trySpend(key)) continue
      for (const spent of budgets.slice(0, index)) spent.budget.charge(spent.key, -1)
      return false
    }
    return true
  }

  /** Counts a request against the budgets of its caller and tenant. @throws RateLimitedError if one of these budgets is used up. */
  async count(caller: Caller): Promise<void> {
    const budgets = this.#budgetsOf(caller)
    for (const [index, { budget, key, who, setting }] of budgets.entries()) {
      const waitMs = await budget.spend(key)
      if (waitMs === 0) continue
      for (const spent of budgets.slice(0, index)) spent.budget.charge(spent.key, -1)
      throw new RateLimitedError(who, setting, budget.perMinute, waitMs)
    }
  }

  /**
   * Counts further requests that were already answered against the budgets of their caller and tenant. A negative number returns requests.
   */
  charge(caller: Caller, requests: number): void {
    for (const { budget, key } of this.#budgetsOf(caller)) budget.charge(key, requests)
  }

  #budgetsOf({ tenant, name }: Caller) {
    const budgets: { budget: LeasedBudget; key: string; who: string; setting: string }[] = []
    const { caller: ofCaller, tenant: ofTenant, setting = 'RATE_LIMIT_CALLER' } = this.#options
    const key = tenant === undefined ? `:${name}` : `${tenant}:${name}`
    const who = tenant === undefined ? 'this address' : 'this user'
    if (ofCaller) budgets.push({ budget: ofCaller, key, who, setting })
    if (ofTenant && tenant !== undefined)
      budgets.push({ budget: ofTenant, key: tenant, who: `the tenant ${tenant}`, setting: 'RATE_LIMIT_TENANT' })
    return budgets
  }
}

import { localCounts, type SharedCountsOptions, sharedCounts } from './counts.ts'
import { LeasedBudget } from './leased-budget.ts'
import { RateLimits } from './rate-limits.ts'

export interface CreateRateLimitsOptions extends Pick<SharedCountsOptions, 'setTimer' | 'monotonic'> {
  /** Maximum number of requests per minute, for each caller and for each tenant; 0 means no limit. */
  readonly perMinute: { readonly caller: number; readonly tenant: number }
  /** Access to the counts in Redis that processes share; undefined if each process counts for itself. */
  readonly shared: Pick<SharedCountsOptions, 'client' | 'prefix' | 'timeoutMs'> | undefined
  /** Name of the variable that limits callers, for error messages. Default: `RATE_LIMIT_CALLER`. */
  readonly setting?: string
}

/** Creates the rate limits; undefined if neither callers nor tenants are limited. */
export function createRateLimits({ perMinute, shared, setting, setTimer, monotonic }: CreateRateLimitsOptions): RateLimits | undefined {
  const { caller, tenant } = perMinute
  if (caller === 0 && tenant === 0) return undefined
  const budget = (name: string, limit: number) => {
    if (limit === 0) return undefined
    const counts = shared
      ? sharedCounts({ ...shared, prefix: `${shared.prefix}:${name}`, perMinute: limit, setTimer, monotonic })
      : localCounts(limit)
    return new LeasedBudget({ counts, perMinute: limit, monotonic })
  }
  return new RateLimits({
    caller: budget('caller', caller),
    tenant: budget('tenant', tenant),
    ...(setting === undefined ? {} : { setting }),
  })
}

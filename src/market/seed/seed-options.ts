import { GatewayError } from '../../errors.ts'
import { tenantNames } from './names.ts'

export interface SeedOptions {
  /** Number of campaigns of all tenants together. Default: 60. */
  readonly campaigns?: number
  /**
   * Factor for the amount of sample data. With 1, all campaigns together get some 6,600 phone calls, 20,000 bids and 10,000 events in 30
   * days. Default: 1.
   */
  readonly scale?: number
  /** Number of tenants. Default: 3. */
  readonly tenants?: number
  /** Seed of the random numbers. In an empty database, the same seed, options and `now` give the same rows. Default: `tidegate`. */
  readonly seed?: string
  /** End of the 30 days that the sample data covers, Unix epoch ms. */
  readonly now: number
  /** Key under which the gateway hashes callers (CALLER_HASH_KEY). Without it, the do-not-call list of the sample data has no callers. */
  readonly callerHashKey?: string | undefined
  /** True to add rows to a database that already has tenants. By default, such a database is refused. */
  readonly add?: boolean
  /** Called from time to time with the number of phone calls inserted so far and their total. */
  readonly onProgress?: (progress: { readonly calls: number; readonly ofCalls: number }) => void
}

export interface SeedPlan {
  readonly campaigns: number
  readonly domainsPerCampaign: number
  readonly buyersPerTenant: number
  readonly calls: number
  readonly events: number
  readonly tenants: number
  readonly seed: string
  readonly now: number
  readonly add: boolean
}

/**
 * Checks the options and returns the plan of the seed: how many rows of each kind to insert. @throws GatewayError BAD_USER_INPUT that names
 * the option and the accepted values.
 */
export function planSeed(options: SeedOptions): SeedPlan {
  const tenants = checked('tenants', options.tenants ?? 3, 1, tenantNames.length)
  const campaigns = checked('campaigns', options.campaigns ?? 60, tenants, 20_000)
  const scale = options.scale ?? 1
  if (!(scale > 0 && scale <= 1_000)) throw new GatewayError('BAD_USER_INPUT', `scale must be more than 0 and at most 1000, got ${scale}.`)
  return {
    tenants,
    campaigns,
    domainsPerCampaign: 50,
    // The number of buyers is a multiple of ten, because figures.ts contains the shares of ten buyers.
    buyersPerTenant: 10 * Math.max(1, Math.min(10, Math.round(Math.sqrt(scale)))),
    calls: Math.max(30, Math.round(6_600 * scale)),
    events: Math.max(30, Math.round(10_000 * scale)),
    seed: options.seed ?? 'tidegate',
    now: options.now,
    add: options.add ?? false,
  }
}

function checked(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new GatewayError('BAD_USER_INPUT', `${name} must be an integer from ${least} to ${most}, got ${value}.`)
}

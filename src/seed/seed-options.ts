import { GatewayError } from '../errors.ts'
import { tenantNames } from './names.ts'

export interface SeedOptions {
  /** Campaigns of all tenants together. By default 60. */
  readonly campaigns?: number
  /** How busy they are: 1 is some 6,600 calls, 20,000 bids and 10,000 events in 30 days. By default 1. */
  readonly scale?: number
  /** By default 3. */
  readonly tenants?: number
  /** The same seed, options, `now` and empty database give the same rows. By default `tidegate`. */
  readonly seed?: string
  /** The end of the 30 days, Unix epoch ms. */
  readonly now: number
  /** Whether rows may be added to a database that holds some. By default it is refused. */
  readonly add?: boolean
  /** Told from time to time how far it is. */
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

/** @throws GatewayError BAD_USER_INPUT that names the option and what it may be. */
export function planSeed(options: SeedOptions): SeedPlan {
  const tenants = checked('tenants', options.tenants ?? 3, 1, tenantNames.length)
  const campaigns = checked('campaigns', options.campaigns ?? 60, tenants, 20_000)
  const scale = options.scale ?? 1
  if (!(scale > 0 && scale <= 1_000)) throw new GatewayError('BAD_USER_INPUT', `scale must be more than 0 and at most 1000, got ${scale}.`)
  return {
    tenants,
    campaigns,
    domainsPerCampaign: 50,
    // Ten shares are known (figures.ts); larger sets have several buyers of each.
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

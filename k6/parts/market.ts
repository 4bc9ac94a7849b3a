import { askOnce } from './gateway.ts'
import type { Settings } from './settings.ts'

/** Ids of the rows of one tenant. Each list is sorted by rank: the rows that are requested most come first. */
export interface TenantMarket {
  readonly token: string
  readonly tenant: string
  readonly currency: string
  readonly campaigns: readonly string[]
  readonly domains: readonly string[]
  readonly calls: readonly string[]
  /** Phone calls that still accept bids. The list may be empty. */
  readonly openCalls: readonly string[]
  readonly buyers: readonly string[]
}

export interface Market {
  readonly tenants: readonly TenantMarket[]
}

const TENANT = '{ viewer { tenant { id name currency } } }'
const ROWS = `{
  campaigns(first: 100, filter: { status: [DRAFT, ACTIVE, PAUSED] }) { nodes { id statistics { calls } } }
  domains(first: 100, orderBy: { field: POPULARITY_RANK, direction: ASC }) { nodes { id } }
  calls(first: 100) { nodes { id bids(first: 1) { totalCount } } }
  incoming: calls(first: 50, filter: { status: INCOMING }) { nodes { id } }
  connected: calls(first: 50, filter: { status: CONNECTED }) { nodes { id } }
  buyers(first: 100, filter: { active: true }) { nodes { id } }
}`

interface Row {
  readonly id: string
}

interface RankedCampaign extends Row {
  readonly statistics: { readonly calls: number }
}

interface RankedCall extends Row {
  readonly bids: { readonly totalCount: number }
}

/**
 * Queries the rows of each tenant through GraphQL. Campaigns are ranked by their number of phone calls, domains by popularity, phone calls
 * by their number of bids.
 */
export async function findMarket(settings: Settings): Promise<Market> {
  const tenants: TenantMarket[] = []
  for (const token of settings.tokens) {
    const { viewer } = await askOnce(settings, token, { name: 'setup', query: TENANT, variables: {} })
    const rows = await askOnce(settings, token, { name: 'setup', query: ROWS, variables: {} })
    if (viewer.tenant === null || rows.campaigns.nodes.length === 0 || rows.domains.nodes.length === 0 || rows.calls.nodes.length === 0)
      throw new Error(
        'Expected a tenant with campaigns, domains and calls, got none: run npm run db:seed, and use a token of one of its tenants.',
      )
    tenants.push({
      token,
      tenant: viewer.tenant.name,
      currency: viewer.tenant.currency,
      campaigns: ranked(rows.campaigns.nodes, (campaign: RankedCampaign) => campaign.statistics.calls),
      domains: idsOf(rows.domains.nodes),
      calls: ranked(rows.calls.nodes, (call: RankedCall) => call.bids.totalCount),
      openCalls: [...idsOf(rows.incoming.nodes), ...idsOf(rows.connected.nodes)],
      buyers: idsOf(rows.buyers.nodes),
    })
  }
  return { tenants }
}

function ranked<Ranked extends Row>(rows: readonly Ranked[], weight: (row: Ranked) => number): readonly string[] {
  return idsOf([...rows].sort((one, other) => weight(other) - weight(one)))
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.map(({ id }) => id)
}

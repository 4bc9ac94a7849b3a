import type { Operation } from './gateway.ts'
import type { TenantMarket } from './market.ts'
import { draw, type Random } from './random.ts'

const CAMPAIGN = `query ($id: ID!) {
  campaign(id: $id) { id version name status budget { amount currency } domainCount owner { name } statistics { calls bids winRate } }
}`
const CAMPAIGNS = `query ($first: Int!) { campaigns(first: $first) { nodes { id version name status domains(first: 3) { nodes { id name } } } } }`
const DOMAIN = 'query ($id: ID!) { domain(id: $id) { id version name status score campaign { id version name } } }'
const CALL = `query ($id: ID!) {
  call(id: $id) { id version status startedAt campaign { id version name } bids(first: 5) { nodes { id version status buyer { id version name } } } }
}`
const SEARCH = 'query ($text: String!) { searchDomains(query: $text, first: 5) { nodes { id version name } } }'
const DASHBOARD =
  '{ analytics { dashboard(period: TODAY) { current { calls conversion } topCampaigns { calls campaign { id version name } } } } }'
const WORDS = ['roof', 'plumb', 'solar', 'dental', 'auto', 'home', 'law', 'best', 'local', 'pro']

export function campaign(id: string): Operation {
  return { name: 'campaign', query: CAMPAIGN, variables: { id } }
}

export function call(id: string): Operation {
  return { name: 'call', query: CALL, variables: { id } }
}

function dashboard(): Operation {
  return { name: 'dashboard', query: DASHBOARD, variables: {} }
}

/** Draws the next read operation of a visitor of the market. */
export function anyRead(market: TenantMarket, random: Random, distribution: 'zipf' | 'uniform'): Operation {
  const kind = random()
  if (kind < 0.4) return campaign(draw(market.campaigns, random, distribution))
  if (kind < 0.5) return { name: 'campaigns', query: CAMPAIGNS, variables: { first: draw([10, 20, 50], random, distribution) } }
  if (kind < 0.7) return { name: 'domain', query: DOMAIN, variables: { id: draw(market.domains, random, distribution) } }
  if (kind < 0.9) return call(draw(market.calls, random, distribution))
  if (kind < 0.95) return { name: 'search', query: SEARCH, variables: { text: draw(WORDS, random, distribution) } }
  return dashboard()
}

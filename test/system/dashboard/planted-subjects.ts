/** Figures that a history is made of. All are drawn from one seed, so that pictures of it are the same each time. */
export interface Subject {
  readonly name: string
  /** Requests per second at noon. */
  readonly perSecond: number
  readonly hitRate: number
  /** Hit rate that could be reached. */
  readonly reachable: number
  readonly missMs: number
  readonly bytes: number
}

interface Field extends Subject {
  /** Cause of the writes that the reloads of the field are due to. */
  readonly writtenBy: string
}

export const NEEDLESS_FIELD = 'Campaign.domainCount'
export const NEEDLESS_CAUSE = 'mutation updateCampaign'
/** Kind of tag by which these writes invalidate the field. */
export const NEEDLESS_TAG = 'Campaign~'

/** Field whose values a storm of mutations invalidates. */
export const STORM_FIELD = 'Campaign.bids'
export const STORM_OPERATION = 'LiveCallBoard'
export const STORM_CAUSE = 'mutation placeBid'

export const OPERATIONS: readonly Subject[] = [
  { name: 'CampaignsPage', perSecond: 212, hitRate: 0.978, reachable: 0.986, missMs: 12, bytes: 11_000 },
  { name: 'LiveCallBoard', perSecond: 118, hitRate: 0.883, reachable: 0.924, missMs: 31, bytes: 4200 },
  { name: 'DashboardToday', perSecond: 61, hitRate: 0.92, reachable: 0.961, missMs: 44, bytes: 1800 },
  { name: 'BuyerDetail', perSecond: 34, hitRate: 0.952, reachable: 0.959, missMs: 15, bytes: 2600 },
  { name: 'SearchDomains', perSecond: 27, hitRate: 0.705, reachable: 0.79, missMs: 58, bytes: 7400 },
  { name: 'DomainExplorer', perSecond: 23, hitRate: 0.969, reachable: 0.97, missMs: 22, bytes: 9100 },
  { name: 'RevenueByBuyer', perSecond: 6, hitRate: 0.96, reachable: 0.975, missMs: 180, bytes: 1200 },
  { name: 'TopLevelDomains', perSecond: 4, hitRate: 0.998, reachable: 0.999, missMs: 9, bytes: 3100 },
]

export const FIELDS: readonly Field[] = [
  { name: 'Query.campaigns', writtenBy: 'mutation updateCampaign', perSecond: 230, hitRate: 0.974, reachable: 0.985, missMs: 9, bytes: 0 },
  { name: 'Campaign', writtenBy: 'mutation updateCampaign', perSecond: 340, hitRate: 0.988, reachable: 0.992, missMs: 3, bytes: 0 },
  { name: 'Campaign.bids', writtenBy: STORM_CAUSE, perSecond: 130, hitRate: 0.89, reachable: 0.93, missMs: 14, bytes: 0 },
  {
    name: 'Campaign.domainCount',
    writtenBy: 'mutation setDomainStatus',
    perSecond: 210,
    hitRate: 0.981,
    reachable: 0.987,
    missMs: 4,
    bytes: 0,
  },
  { name: 'Query.calls', writtenBy: 'mutation settleCall', perSecond: 118, hitRate: 0.905, reachable: 0.936, missMs: 17, bytes: 0 },
  { name: 'Analytics.dashboard', writtenBy: 'mutation settleCall', perSecond: 61, hitRate: 0.93, reachable: 0.965, missMs: 40, bytes: 0 },
  {
    name: 'Query.searchDomains',
    writtenBy: 'mutation setDomainStatus',
    perSecond: 27,
    hitRate: 0.71,
    reachable: 0.8,
    missMs: 55,
    bytes: 0,
  },
  {
    name: 'Analytics.revenueByBuyer',
    writtenBy: 'program psql: month end',
    perSecond: 6,
    hitRate: 0.96,
    reachable: 0.975,
    missMs: 160,
    bytes: 0,
  },
]

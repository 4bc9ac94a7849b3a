/** Tenants in the order in which the seed creates them. `priceLevel` is roughly the value of a US dollar in the tenant's currency. */
export const tenantNames: readonly { id: string; name: string; currency: string; priceLevel: number }[] = [
  { id: 'acme', name: 'Acme Leads', currency: 'USD', priceLevel: 1 },
  { id: 'northstar', name: 'Northstar Performance', currency: 'CAD', priceLevel: 1.4 },
  { id: 'brightline', name: 'Brightline Media', currency: 'EUR', priceLevel: 0.9 },
  { id: 'ringwell', name: 'Ringwell', currency: 'GBP', priceLevel: 0.8 },
  { id: 'calltide', name: 'Calltide', currency: 'USD', priceLevel: 1 },
  { id: 'harborview', name: 'Harborview Digital', currency: 'AUD', priceLevel: 1.5 },
  { id: 'summit', name: 'Summit Acquisition', currency: 'USD', priceLevel: 1 },
  { id: 'copperline', name: 'Copperline Partners', currency: 'NZD', priceLevel: 1.6 },
  { id: 'lakeshore', name: 'Lakeshore Growth', currency: 'CHF', priceLevel: 0.9 },
  { id: 'redwood', name: 'Redwood Response', currency: 'USD', priceLevel: 1 },
]

/** Names of a tenant's users. The first user has the role ADMIN, the second EDITOR, the third VIEWER; all further users are EDITORs. */
export const people: readonly string[] = [
  'Dana Reyes',
  'Morgan Lee',
  'Priya Nair',
  'Tomas Novak',
  'Amara Okafor',
  'Jesse Whitman',
  'Lena Fischer',
  'Marcus Bell',
]

const firstParts = 'Apex Beacon Clear Direct Evergreen First Guardian Harbor Ideal Keystone Liberty Metro'.split(' ')
const lastParts = [
  'Call Partners',
  'Leads',
  'Connect',
  'Buyers Network',
  'Contact Group',
  'Response',
  'Inbound',
  'Phone Exchange',
  'Referrals',
]

/** Returns an invented name for a company that buys phone calls. Each index gives a different name. */
export function buyerName(index: number): string {
  const first = firstParts[index % firstParts.length]
  const last = lastParts[(index + Math.floor(index / firstParts.length)) % lastParts.length]
  const round = Math.floor(index / (firstParts.length * lastParts.length))
  return round === 0 ? `${first} ${last}` : `${first} ${last} ${round + 1}`
}

const sources = 'Search Social Directory Email Radio Review Mobile Video Coupon'.split(' ')
const kinds = ['Traffic', 'Media', 'Network', 'Audience', 'Clicks']

/** Returns an invented name for a company that sends calls. Nine indexes in a row give different names. */
export function publisherName(index: number): string {
  return `${firstParts[(index * 5) % firstParts.length]} ${sources[index % sources.length]} ${kinds[Math.floor(index / sources.length) % kinds.length]}`
}

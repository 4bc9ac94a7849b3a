import tlds from 'tlds' with { type: 'json' }
import type { Random } from '#src/market/seed/random.ts'
import { type Shape, times, type World } from './world.ts'

/** Documents that pass all checks, or nearly do, and are expensive to execute. */
export const executionShapes: Readonly<Record<string, Shape>> = {
  'lists in lists': (random, world) => atTheEdge(random, world, (first) => randomLists(random, first)),
  'lists in lists of wide objects': (random, world) =>
    atTheEdge(random, world, (first) => `{calls(first:${first}){nodes{bids(first:${first}){nodes{${random.pick(BID_PARTS)}}}}}}`),
  'fields that fail': (random) => {
    const repeats = times(random.pick([1, 10, 50]), () => 'revenue{amount}')
    const field = random.pick([`revenue{amount}`, repeats])
    return `{calls(first:100){nodes{bids(first:${random.pick([10, 50, 90])}){nodes{call{${field}}}}}}}${'\n'.repeat(random.pick([0, 500, 50_000]))}`
  },
  'fields that fail after many lines': (random) =>
    `${'\n'.repeat(random.pick([0, 500, 8000, 80_000]))}{calls(first:100){nodes{bids(first:50){nodes{call{revenue{amount}}}}}}}`,
  'aliases of fields that are cached one by one': (random, world) => {
    const field = random.pick([
      'statistics{calls}',
      'domainCount(status:LIVE)',
      'domains(first:0){totalCount}',
      'calls(first:0){pageInfo{endCursor}}',
    ])
    const aliases = times(random.pick([10, 30, 49]), (index) => `a${index}:${field}`)
    return atTheEdge(random, world, (first) => `{campaigns(first:${first}){nodes{${aliases}}}}`)
  },
  'aliases of cached fields below lists': (random, world) => {
    const aliases = times(random.pick([10, 48]), (index) => `a${index}:domainCount(status:LIVE)`)
    return atTheEdge(random, world, (first) => `{calls(first:${first}){nodes{bids(first:${first}){nodes{campaign{${aliases}}}}}}}`)
  },
  'long literals below lists': (random, world) => {
    const list = times(random.pick([100, 900, 1000]), (index) => `"t${index % 7}"`)
    const aliases = times(
      random.pick([1, 3]),
      (index) => `a${index}:domains(first:0,filter:{${random.pick(['tlds', 'tlds'])}:[${list}]}){totalCount}`,
    )
    return atTheEdge(random, world, (first) => `{calls(first:${first}){nodes{bids(first:${first}){nodes{campaign{${aliases}}}}}}}`)
  },
  'long texts below lists': (random, world) => {
    const text = 'x'.repeat(random.pick([1000, 9000]))
    const aliases = times(random.pick([1, 10]), (index) => `a${index}:domains(first:0,after:"${text}"){nodes{id}}`)
    return atTheEdge(random, world, (first) => `{campaigns(first:${first}){nodes{${aliases}}}}`)
  },
  series: (random, { ids }) => {
    const point = 'hour calls settledCalls durationSeconds bids wonBids spend{amount currency} revenue{amount currency}'
    const from = new Date(Date.now() - random.pick([1, 30, 390]) * 86_400_000).toISOString()
    const parts = random.pick(['hour', 'hour calls', point])
    return `{analytics{${times(random.pick([1, 2, 8, 40]), (index) => `a${index}:callsByHour(from:"${from}"${random.pick(['', `,campaignId:"${ids.campaigns[0]}"`])}){${parts}}`)}}}`
  },
  figures: (random, { ids }) =>
    `{analytics{${times(random.pick([1, 40]), (index) => `a${index}:performance(from:"${ids.from}",campaignId:"${ids.campaigns[index % 2]}"){calls events{kind count} profit{amount}}`)} d:dashboard{current{calls} topCampaigns{calls}}}}`,
  'root fields that fail': (random) =>
    `{${times(random.pick([5, 30]), (index) => `a${index}:${random.pick(['campaign(id:"x"){id}', 'viewer{role}', 'bids(first:999){nodes{id}}'])}`)}}`,
  'loops through the schema': (random) => {
    const depth = random.pick([1, 2, 3, 6])
    return `{__schema{types{${'fields{type{'.repeat(depth)}name${'}}'.repeat(depth)}}}}`
  },
  'aliases within the schema': (random) =>
    `{__schema{${times(random.pick([2, 30, 49]), (index) => `a${index}:types{name ${random.pick(['', 'fields{name}', 'fields{args{name}}'])}}`)}}}`,
  'types by name': (random) =>
    `{${times(random.pick([5, 30, 50]), (index) => `a${index}:__type(name:"${random.pick(['Query', 'Nothing', 'Campaign'])}"){name fields{name type{name}}}`)}}`,
  'mutations by aliases': (random, { ids }) =>
    `mutation{${times(random.pick([5, 29, 49, 1000]), (index) => `a${index}:cancelBid(input:{id:"${random.pick([ids.bid, 'x', ids.campaigns[0]])}"}){errors{code message}}`)}}`,
  'long mutations': (random, { ids }) => {
    const list = times(random.pick([50, 900]), () => `"${ids.domain}"`)
    return `mutation{${times(random.pick([1, 3]), (index) => `a${index}:setDomainsStatus(input:{ids:[${list}],status:REJECTED}){errors{code field message} domains{id name}}`)}}`
  },
  suggestions: (random) => {
    const words = times(random.pick([1, 10, 50]), (index) => `"${random.pick(WORDS)}${index}${random.pick(['', '', ' solar'])}"`)
    const endings = random.sample(random.pick([tlds, UNICODE_TLDS]), random.pick([1, 90])).map((tld) => `"${tld}"`)
    const patterns = random.pick(['', ',patterns:["{keyword}-{keyword2}"]', ',patterns:["{keyword}-{city}"]'])
    return `{suggestDomains(config:{keywords:[${words}],tlds:[${endings.join(' ')}]${patterns},limit:500}){name unicodeName score}}`
  },
  'patterns of domains': (random) => `{domainPatterns(keywords:[${times(random.pick([1, 50]), () => '"roof"')}]){pattern examples reason}}`,
  'names of domains': (random) =>
    `{liveDomain(name:"${random.pick(['a.', '\u00e9.', 'xn--a.', '-', '.', '\u0130', '\ufdfa']).repeat(random.pick([1, 100, 4000]))}com"){name}}`,
}

const WORDS = ['roof', '\u5c4b\u6839', 'caf\u00e9', '\u043a\u0440\u044b\u0448\u0430', 'water damage', '\u6771\u4eac', '\u00f1and\u00fa']
const UNICODE_TLDS = tlds.filter((tld) => /[^a-z]/.test(tld))

const BID_PARTS = [
  'id amount{amount currency} status placedAt expiresAt version',
  'id call{id campaign{id name keywords budget{amount}}} buyer{id name routing{states dailyCap{amount}}}',
  'call{domain{name unicodeName campaign{owner{name}}}}',
]

const LISTS: Readonly<Record<string, readonly (readonly [field: string, to: string])[]>> = {
  Query: [
    ['campaigns', 'Campaign'],
    ['calls', 'Call'],
    ['bids', 'Bid'],
    ['buyers', 'Buyer'],
    ['domains', 'Domain'],
  ],
  Campaign: [
    ['domains', 'Domain'],
    ['calls', 'Call'],
    ['bids', 'Bid'],
  ],
  Call: [['bids', 'Bid']],
  Buyer: [['activeBids', 'Bid']],
}
const LEAVES: Readonly<Record<string, string>> = {
  Campaign: 'id name status keywords tlds budget{amount currency} createdAt',
  Call: 'id callerState startedAt cost{amount} domain{name}',
  Bid: 'id amount{amount currency} placedAt buyer{name}',
  Buyer: 'id name routing{states}',
  Domain: 'id name unicodeName score',
}

/** Returns nested lists of objects. A type without lists continues with campaigns. */
function randomLists(random: Random, first: number): string {
  const within = (type: string, levels: number): string => {
    const lists = LISTS[type]
    if (levels === 0) return LEAVES[type] ?? 'id'
    if (!lists) return `campaign{${within('Campaign', levels)}}`
    const [field, to] = random.pick(lists)
    return `${field}(first:${first}){nodes{${within(to, levels - 1)}}}`
  }
  return `{${within('Query', random.integer(2, 4))}}`
}

/** Returns, of the documents that `make` produces, the most expensive one within the cost limit, or one slightly above the limit. */
function atTheEdge(random: Random, world: World, make: (first: number) => string): string {
  const MAX_COST = 100_000
  const before = random.next()
  const documents = [100, 70, 50, 35, 25, 18, 13, 9, 6, 4, 3, 2, 1].map(make)
  const fitting = documents.find((document) => world.costOf(document) <= MAX_COST)
  return before < 0.1 ? (documents[0] ?? '') : (fitting ?? documents.at(-1) ?? '')
}

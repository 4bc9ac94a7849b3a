import type { CorpusOperation, Ids } from './operations.ts'

/**
 * Returns operations for each list: with each part of its filter alone, with two parts together, with each order, and
 * with its count. The cache dependencies of the lists (`@cache(depends:)`) must distinguish all of these operations.
 * The result also includes analytics operations on ranges that have not ended, whose responses are comparable only if
 * the clock stands still.
 */
export function lists(ids: Ids): CorpusOperation[] {
  const [campaign, other] = ids.campaigns
  const times = { from: ids.from, to: ids.to }
  return [
    ...each('campaigns', 'CampaignFilter', 'CampaignOrder', {
      filters: [
        { status: ['ACTIVE'] },
        { status: [] },
        { ownerId: ids.user },
        { ownerId: ids.user, status: ['ACTIVE', 'DRAFT'] },
        { search: 'a' },
        { search: 'r', status: ['ACTIVE'] },
        { startsFrom: times.from },
        { startsBefore: times.to },
        { endsFrom: times.from },
        { endsBefore: times.to },
        { createdFrom: times.from, createdBefore: times.to },
      ],
      orders: ['CREATED_AT', 'NAME', 'BUDGET', 'ENDS_AT', 'CALLS', 'REVENUE'],
    }),
    ...each('domains', 'DomainFilter', 'DomainOrder', {
      filters: [
        { campaignId: other },
        { status: ['LIVE'] },
        { tlds: ['.COM', 'net'] },
        { tlds: ['.COM'] },
        { tlds: ['.COM'], status: ['GENERATED', 'LIVE'] },
        { minScore: 60 },
        { maxRank: 50 },
        { campaignId: campaign, status: ['LIVE'] },
        { status: ['GENERATED'], minScore: 50 },
        { status: ['LIVE'], maxRank: 60 },
      ],
      orders: ['CREATED_AT', 'NAME', 'SCORE', 'POPULARITY_RANK'],
    }),
    ...['NAME', 'SCORE', 'POPULARITY_RANK'].map((field) => ({
      name: `list: domains of one status by ${field}`,
      document:
        'query ($filter: DomainFilter, $order: DomainOrder) { domains(first: 5, filter: $filter, orderBy: $order) { nodes { id } } }',
      variables: { filter: { status: ['GENERATED'] }, order: { field, direction: 'ASC' } },
    })),
    ...each('buyers', 'BuyerFilter', 'BuyerOrder', {
      filters: [{ active: true }, { active: false }, { acceptsState: 'ca' }, { active: true, acceptsState: 'TX' }],
      orders: ['NAME', 'CREATED_AT'],
    }),
    ...[{}, { active: true }, { active: false }].map((filter) => ({
      name: `list: publishers ${JSON.stringify(filter)}`,
      document: 'query ($filter: PublisherFilter) { publishers(first: 5, filter: $filter) { totalCount nodes { id } } }',
      variables: { filter },
    })),
    {
      name: 'list: plans with their versions, and rule sets',
      document: `{ routingPlans(first: 5) { totalCount nodes { versions(first: 2) { id } } }
        ruleSets(first: 5) { totalCount nodes { id } } ruleSet { id } routingState { buyersRevision } }`,
      variables: {},
    },
    ...each('calls', 'CallFilter', 'CallOrder', {
      filters: [
        { campaignId: campaign },
        { domainId: ids.domain },
        { status: 'SETTLED' },
        { callerState: 'ca' },
        { startedFrom: times.from, startedBefore: times.to },
        { callerState: 'TX', status: 'MISSED' },
        { status: ['INCOMING', 'CONNECTED', 'INCOMING'] },
        { campaignId: campaign, status: ['SETTLED', 'MISSED'] },
        { campaignId: ids.buyer },
        { publisherId: ids.publisher },
        { buyerId: ids.buyer },
        { publisherId: ids.publisher, status: 'SETTLED' },
      ],
      orders: ['STARTED_AT', 'DURATION', 'REVENUE'],
    }),
    ...each('users', 'UserFilter', 'UserOrder', {
      filters: [{ search: 'a' }, { role: 'ADMIN' }, { search: 'e', role: 'EDITOR' }],
      orders: ['NAME', 'CREATED_AT'],
    }),
    ...['DURATION', 'REVENUE'].map((field) => ({
      name: `list: calls of a campaign by ${field}`,
      document: 'query ($id: ID!, $order: CallOrder) { campaign(id: $id) { calls(first: 5, orderBy: $order) { nodes { id } } } }',
      variables: { id: campaign, order: { field } },
    })),
    {
      name: 'figures of domains',
      document: `query ($from: DateTime, $to: DateTime) { domains(first: 5) { nodes {
        statistics { calls settledCalls conversion averageDurationSeconds spend { amount } revenue { amount } }
        range: statistics(from: $from, to: $to) { calls } } } }`,
      variables: { from: ids.from, to: ids.to },
    },
    ...each('bids', 'BidFilter', 'BidOrder', {
      filters: [
        { callId: ids.call },
        { buyerId: ids.buyer },
        { campaignId: campaign },
        { status: 'WON' },
        { status: 'EXPIRED' },
        { status: 'ACTIVE' },
        { placedFrom: times.from, placedBefore: times.to },
        { buyerId: ids.buyer, status: 'LOST' },
        { callId: ids.call, status: 'WON' },
        { status: 'ACTIVE', campaignId: other },
      ],
      orders: ['PLACED_AT', 'AMOUNT'],
    }),
    {
      name: 'lists of a campaign',
      document: `query ($id: ID!) { campaign(id: $id) {
        domains(first: 4, filter: { status: [LIVE] }) { totalCount nodes { name } }
        calls(first: 4) { totalCount nodes { id } }
        bids(first: 4, filter: { status: WON }) { totalCount nodes { id } }
        domainCount statistics { calls bids revenue { amount } margin { amount } domainsByStatus { count } } } }`,
      variables: { id: campaign },
    },
    {
      name: 'lists of a call and of a buyer',
      document: `query ($call: ID!, $buyer: ID!) {
        call(id: $call) { bids(first: 3) { totalCount nodes { id } } lost: bids(first: 3, filter: { status: LOST }) { totalCount nodes { id } } }
        buyer(id: $buyer) { revenue { amount } usage { concurrentCalls caps { used remaining } moneyCaps { used } dailyCapUsed { amount } } activeBids(first: 3) { totalCount nodes { id } } } }`,
      variables: { call: ids.call, buyer: ids.buyer },
    },
    ...[{ campaignId: campaign }, { status: ['LIVE'] }].map((filter) => ({
      name: `a search by ${Object.keys(filter)}`,
      document: `query ($text: String!, $filter: DomainFilter) {
        searchDomains(query: $text, first: 5, filter: $filter) { totalCount facets { statuses { status count } tlds { tld count } } nodes { name } } }`,
      variables: { text: ids.text, filter },
    })),
    ...[{}, { status: ['GENERATED', 'LIVE', 'REGISTERED'] }].map((filter) => ({
      name: `a search for a name ${JSON.stringify(filter)}`,
      document: `query ($text: String!, $filter: DomainFilter) {
        searchDomains(query: $text, first: 5, filter: $filter) { totalCount facets { tlds { tld count } } nodes { name } } }`,
      // The search text is one letter longer than `ids.text`, the first word of the domain name, so that a match needs
      // more than one word of a name. This text is short enough to match several names.
      variables: { text: ids.domainName.replace(/\..*/, '').slice(0, ids.text.length + 1), filter },
    })),
    ...ranges(ids),
  ]
}

interface Variety {
  readonly filters: readonly Readonly<Record<string, unknown>>[]
  readonly orders: readonly string[]
}

function each(field: string, filterType: string, orderType: string, { filters, orders }: Variety): CorpusOperation[] {
  const document = `query ($filter: ${filterType}, $order: ${orderType}) { ${field}(first: 5, filter: $filter, orderBy: $order) { totalCount nodes { id } } }`
  const operation = (variables: CorpusOperation['variables']) => ({
    name: `list: ${field} ${JSON.stringify(variables)}`,
    document,
    variables,
  })
  return [
    operation({}),
    ...filters.map((filter) => operation({ filter })),
    {
      name: `list: the end of ${field}`,
      document: `query ($last: Int) { ${field}(last: $last) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } } }`,
      variables: { last: 5 },
    },
    ...orders.flatMap((order) => ['ASC', 'DESC'].map((direction) => operation({ order: { field: order, direction } }))),
  ]
}

function ranges({ campaigns: [campaign], publisher, from, to }: Ids): CorpusOperation[] {
  const document = `query ($from: DateTime!, $to: DateTime, $id: ID) { analytics {
    performance(from: $from, to: $to, campaignId: $id) { calls bids revenue { amount } payout { amount } events { kind count } }
    callsByHour(from: $from, to: $to, campaignId: $id) { calls spend { amount } }
    callsByDay(from: $from, to: $to, campaignId: $id, timeZone: "America/New_York") { date calls spend { amount } }
    revenueByBuyer(from: $from, to: $to, first: 50) { bids wonBids revenue { amount } } } }`
  const day = (days: number) => new Date(Date.parse(to) + days * 24 * 60 * 60 * 1000).toISOString()
  const ranges = [{ from, to }, { from: day(-1), to }, { from: day(-80), to }, { from: day(-80) }, { from: day(1.5) }, { from, to: day(9) }]
  const within = (name: string, range: object) => [
    { name: `range: ${name}, all campaigns`, document, variables: { ...range } },
    { name: `range: ${name}, one campaign`, document, variables: { ...range, id: campaign } },
  ]
  const statistics = `query ($from: DateTime!, $to: DateTime, $id: ID!) {
    publisher(id: $id) { statistics(from: $from, to: $to) { calls settledCalls revenue { amount } payout { amount } } } }`
  return [
    ...ranges.flatMap((range) => within(JSON.stringify(range), range)),
    ...ranges.map((range) => ({
      name: `range: ${JSON.stringify(range)}, a publisher`,
      document: statistics,
      variables: { ...range, id: publisher },
    })),
    ...['TODAY', 'WEEK', 'MONTH'].map((period) => ({
      name: `range: dashboard ${period}`,
      document: `{ analytics { dashboard(period: ${period}) {
        current { calls bids revenue { amount } events { count } } previous { calls events { count } } topCampaigns { campaign { name } calls } } } }`,
      variables: {},
    })),
  ]
}

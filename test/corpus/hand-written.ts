import { introspectionQuery } from '../e2e/schema-walk.ts'
import { failing } from './failing.ts'
import type { CorpusOperation, Ids } from './operations.ts'

const FRAGMENTS = /* GraphQL */ `
  fragment MoneyParts on Money { amount currency }
  fragment CampaignParts on Campaign { id name status budget { ...MoneyParts } keywords tlds patterns startsAt endsAt owner { ...UserParts } }
  fragment UserParts on User { id email name createdAt }
  fragment CallParts on Call { id callerState startedAt durationSeconds status cost { ...MoneyParts } settledAt campaign { ...CampaignParts } }
  fragment BidParts on Bid { id amount { ...MoneyParts } status placedAt buyer { id name } call { ...CallParts } }
`

const TWO_OPERATIONS = /* GraphQL */ `
  query First($id: ID!) { campaign(id: $id) { name } }
  query Second($id: ID!) { campaign(id: $id) { status version } }
`

/**
 * Returns hand-written operations over the whole schema. No result depends on the current time: analytics operations
 * use ranges that have ended.
 */
export function handWritten(ids: Ids): CorpusOperation[] {
  const [campaign, other] = ids.campaigns
  const { from, to } = ids
  const query = (name: string, document: string, variables: CorpusOperation['variables'] = {}): CorpusOperation => ({
    name,
    document,
    variables,
  })
  return [
    query('the public list', '{ tlds(kind: COUNTRY_CODE) { name unicodeName kind } }'),
    query('the public list by a variable', 'query Tlds($kind: TldKind) { tlds(kind: $kind) { __typename name } }', {
      kind: 'INTERNATIONALIZED',
    }),
    query(
      'public names',
      'query ($config: SuggestDomainsInput!) { suggestDomains(config: $config) { name sld tld terms pattern score } }',
      {
        config: { keywords: ['roof', 'solar'], limit: 7, tlds: ['.com', 'net'] },
      },
    ),
    query('public names by literals', '{ suggestDomains(config: { keywords: ["pool", "lawn"], limit: 3, minScore: 10 }) { name score } }'),
    query('public patterns', 'query ($words: [String!]!) { domainPatterns(keywords: $words) { pattern examples reason } }', {
      words: ['roof'],
    }),
    query('one value for a list', 'query ($words: [String!]!) { domainPatterns(keywords: $words) { pattern } }', { words: 'roof' }),
    query(
      'a live domain',
      'query ($name: DomainName!) { liveDomain(name: $name) { __typename name unicodeName tld status popularityRank } }',
      {
        name: ids.liveDomain.toUpperCase(),
      },
    ),
    query('public beside private', 'query ($id: ID!) { tlds(kind: INTERNATIONALIZED) { name } campaign(id: $id) { name } }', {
      id: campaign,
    }),
    query('who asks', '{ viewer { role user { id email name } tenant { id name currency createdAt } } }'),
    query('what must not be old', '{ viewer { role user { id role } } }'),
    query('what must not be old, at a node', 'query ($id: ID!) { node(id: $id) { id ... on User { name role } } }', { id: ids.user }),
    query(
      'a campaign',
      'query ($id: ID!) { campaign(id: $id) { ...CampaignParts createdAt updatedAt version } }' +
        fragmentsNamed('CampaignParts', 'MoneyParts', 'UserParts'),
      {
        id: campaign,
      },
    ),
    query('a campaign by a literal', `{ campaign(id: "${campaign}") { id name } }`),
    query(
      'campaigns',
      '{ campaigns { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id name } } } }',
    ),
    query(
      'campaigns by variables',
      'query ($first: Int! = 4, $filter: CampaignFilter, $order: CampaignOrder = { field: BUDGET }) { campaigns(first: $first, filter: $filter, orderBy: $order) { totalCount nodes { id budget { amount } } } }',
      { filter: { status: ['ACTIVE', 'PAUSED'] } },
    ),
    query(
      'a default within a literal',
      'query ($way: OrderDirection) { campaigns(first: 5, orderBy: { field: NAME, direction: $way }) { nodes { name } } }',
    ),
    query(
      'a variable within a list',
      'query ($status: CampaignStatus!) { campaigns(first: 5, filter: { status: [$status, DRAFT] }) { nodes { name status } } }',
      {
        status: 'ACTIVE',
      },
    ),
    query('null for a filter', 'query ($filter: CampaignFilter) { campaigns(first: 3, filter: $filter) { nodes { id } } }', {
      filter: null,
    }),
    query('variables that nobody declared', '{ campaigns(first: 2) { nodes { id } } }', { unused: [1, { a: null }] }),
    query(
      'lists in lists',
      'query ($id: ID!) { campaign(id: $id) { domains(first: 3) { nodes { name campaign { calls(first: 2) { nodes { bids(first: 2) { nodes { buyer { name } } } } } } } } } }',
      {
        id: campaign,
      },
    ),
    query(
      'counts and statistics',
      'query ($id: ID!) { campaign(id: $id) { domainCount live: domainCount(status: LIVE) statistics { domainsByStatus { status count } calls settledCalls bids winRate spend { amount currency } } } }',
      {
        id: campaign,
      },
    ),
    query('revenue of a campaign', 'query ($id: ID!) { campaign(id: $id) { name statistics { calls revenue { amount currency } } } }', {
      id: campaign,
    }),
    query('revenue of all campaigns', '{ campaigns(first: 4) { nodes { name statistics { revenue { amount } } } } }'),
    query('revenue of a buyer', 'query ($id: ID!) { buyer(id: $id) { name revenue { amount currency } } }', { id: ids.buyer }),
    query(
      'a domain',
      'query ($id: ID!) { domain(id: $id) { id name unicodeName sld tld status popularityRank score campaign { name } createdAt updatedAt version } }',
      {
        id: ids.domain,
      },
    ),
    query('a domain by its name', 'query ($name: DomainName!) { domainByName(name: $name) { id name score } }', { name: ids.domainName }),
    query(
      'domains',
      'query ($filter: DomainFilter!) { domains(first: 6, filter: $filter, orderBy: { field: SCORE, direction: DESC }) { totalCount nodes { name score } pageInfo { endCursor } } }',
      {
        filter: { campaignId: campaign, minScore: 5, tlds: ['com', '.net'] },
      },
    ),
    query(
      'a search',
      'query ($text: String!) { searchDomains(query: $text, first: 5) { totalCount facets { statuses { status count } tlds { tld count } } edges { cursor node { name } } } }',
      {
        text: ids.text,
      },
    ),
    query(
      'a call with all its parts',
      `query ($id: ID!) { call(id: $id) { ...CallParts decision { id outcome reasons(first: 3) { reason } } winner { ...BidParts } bids(first: 3) { nodes { ...BidParts } } } }${FRAGMENTS}`,
      {
        id: ids.call,
      },
    ),
    query(
      'calls',
      'query ($state: String, $from: DateTime) { calls(first: 5, filter: { callerState: $state, startedFrom: $from }) { totalCount nodes { id startedAt } } }',
      { from },
    ),
    query('revenue of calls', '{ calls(first: 3) { nodes { id revenue { amount } } } }'),
    query(
      'a bid',
      'query ($id: ID!) { bid(id: $id) { ...BidParts version campaign { name } expiresAt } }' +
        fragmentsNamed('BidParts', 'CallParts', 'CampaignParts', 'MoneyParts', 'UserParts'),
      {
        id: ids.bid,
      },
    ),
    query(
      'bids',
      'query ($filter: BidFilter) { bids(first: 4, filter: $filter, orderBy: { field: AMOUNT }) { nodes { id amount { amount } status } totalCount } }',
      {
        filter: { campaignId: campaign, status: 'LOST' },
      },
    ),
    query(
      'a buyer',
      'query ($id: ID!) { buyer(id: $id) { id name active routing { states maxConcurrentCalls minDurationSeconds dailyCap { amount } } activeBids(first: 2) { nodes { id } } } }',
      {
        id: ids.buyer,
      },
    ),
    query(
      'candidates of routing',
      'query ($id: ID!) { routingCandidates(campaignId: $id, state: "CA") { state hour candidates { tier weight buyer { name } } excluded { reason buyer { name } } } }',
      { id: campaign },
    ),
    query('buyers', 'query ($active: Boolean) { buyers(first: 5, filter: { active: $active }) { totalCount nodes { name } } }', {
      active: true,
    }),
    query(
      'figures of a range',
      'query ($from: DateTime!, $to: DateTime) { analytics { performance(from: $from, to: $to) { from to calls settledCalls conversion bids wonBids winRate averageDurationSeconds spend { amount } costPerCall { amount } events { kind count } } } }',
      {
        from,
        to,
      },
    ),
    query(
      'figures of a range in another zone',
      'query ($from: DateTime!, $to: DateTime, $id: ID) { analytics { callsByHour(from: $from, to: $to, campaignId: $id) { hour calls spend { amount } } } }',
      {
        from: to.replace(/T.*/, 'T02:30:00+02:00'),
        to,
        id: campaign,
      },
    ),
    query(
      'revenue of a range',
      'query ($from: DateTime!, $to: DateTime) { analytics { revenueByBuyer(from: $from, to: $to, first: 3) { buyer { name } bids wonBids winRate revenue { amount currency } } } }',
      {
        from,
        to,
      },
    ),
    query(
      'profit of a range',
      'query ($from: DateTime!, $to: DateTime) { analytics { performance(from: $from, to: $to) { calls profit { amount } revenuePerCall { amount } } } }',
      {
        from,
        to,
      },
    ),
    query(
      'nodes of several types',
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Campaign { name budget { ...M } } ... on Buyer { name active } ... on Call { status cost { ...M } } } } fragment M on Money { amount }',
      {
        ids: [campaign, ids.buyer, ids.call, 'Tm90aGluZzpub3RoaW5n', ids.foreignCampaign, ids.tenant, campaign],
      },
    ),
    query(
      'a node by fragments on the interface',
      'query ($id: ID!) { node(id: $id) { ...Identity ...Named } } fragment Identity on Node { __typename id } fragment Named on Node { ... on Domain { ...Identity name ... { tld } } }',
      {
        id: ids.domain,
      },
    ),
    query(
      'the interface within a type',
      'query ($id: ID!) { campaign(id: $id) { ... on Node { id } ...Identity owner { ...Identity } } } fragment Identity on Node { __typename id }',
      { id: campaign },
    ),
    query(
      'aliases of members that every object has',
      'query ($id: ID!) { constructor: campaign(id: $id) { __proto__: name toString: status hasOwnProperty: version then: id } valueOf: __typename }',
      {
        id: campaign,
      },
    ),
    query(
      'aliases that look like paths',
      'query ($id: ID!) { campaign(id: $id) { domains(first: 2) { totalCount } } totalCount_domains_campaign: tlds(kind: INTERNATIONALIZED) { name } domains_campaign: buyers(first: 1) { totalCount } }',
      {
        id: campaign,
      },
    ),
    query(
      'two of a kind',
      'query ($a: ID!, $b: ID!) { a: campaign(id: $a) { name owner { name } } b: campaign(id: $b) { owner { id } name } again: campaign(id: $a) { name } }',
      { a: campaign, b: other },
    ),
    query(
      'one field from several places',
      'query ($id: ID!) { campaign(id: $id) { owner { id } ...Owner owner { name } } ...Root } fragment Owner on Campaign { version owner { email } } fragment Root on Query { campaign(id: $id) { status owner { createdAt } } }',
      {
        id: campaign,
      },
    ),
    ...[true, false].map((yes) =>
      query(
        `conditions, ${yes}`,
        'query ($id: ID!, $yes: Boolean!, $no: Boolean = false) { campaign(id: $id) { id @include(if: $yes) name @skip(if: $yes) ...P @include(if: $yes) ...P @skip(if: $no) ... @skip(if: $yes) { version } } tlds(kind: INTERNATIONALIZED) @include(if: $no) { name } } fragment P on Campaign { status owner @include(if: $yes) { name } }',
        {
          id: campaign,
          yes,
        },
      ),
    ),
    ...[true, false].map((yes) =>
      query(`nothing but a condition, ${yes}`, 'query ($yes: Boolean!) { viewer @include(if: $yes) { role } }', { yes }),
    ),
    { name: 'the first of two operations', document: TWO_OPERATIONS, operationName: 'First', variables: { id: campaign } },
    { name: 'the second of two operations', document: TWO_OPERATIONS, operationName: 'Second', variables: { id: campaign } },
    query('strings beyond ASCII', '{ domainPatterns(keywords: ["caf\u00e9"]) { pattern } \u0023 \u2028\n }'),
    query('the schema', introspectionQuery),
    query('a type', '{ __type(name: "Campaign") { name fields { name type { kind name } } } __typename }'),
    query('the schema beside data', 'query ($id: ID!) { __schema { queryType { name } } campaign(id: $id) { name } }', { id: campaign }),
    ...failing(ids),
  ]
}

/**
 * Returns the definitions of the named fragments. A GraphQL document must not define a fragment that it does not use.
 */
function fragmentsNamed(...names: readonly string[]): string {
  return FRAGMENTS.split('\n')
    .filter((line) => names.some((name) => line.includes(`fragment ${name} `)))
    .join('\n')
}

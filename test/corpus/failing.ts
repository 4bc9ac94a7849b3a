import type { CorpusOperation, Ids } from './operations.ts'

const BY_ID = 'query Named($id: ID!) { campaign(id: $id) { id name } }'

/** Returns operations whose response contains an error for some callers or for all callers. */
export function failing(ids: Ids): CorpusOperation[] {
  const [campaign] = ids.campaigns
  const query = (name: string, document: string, variables: CorpusOperation['variables'] = {}): CorpusOperation => ({
    name: `failing: ${name}`,
    document,
    variables,
  })
  return [
    query('no such campaign', BY_ID, { id: 'bm90aGluZw' }),
    query("another tenant's campaign", BY_ID, { id: ids.foreignCampaign }),
    query('an id of another type', BY_ID, { id: ids.buyer }),
    query('a variable left out', BY_ID),
    query('a variable that is null', BY_ID, { id: null }),
    query('an object for an id', BY_ID, { id: { a: 1 } }),
    query('a number for an id', BY_ID, { id: 17 }),
    query('a list for an input object', 'query ($f: CampaignFilter) { campaigns(first: 1, filter: $f) { nodes { id } } }', { f: [] }),
    query('an unknown part of an input object', 'query ($f: CampaignFilter) { campaigns(first: 1, filter: $f) { nodes { id } } }', {
      f: { nme: 'x' },
    }),
    query('an unknown enum value', 'query ($kind: TldKind) { tlds(kind: $kind) { name } }', { kind: 'GENERICS' }),
    query('a text for a number', 'query ($first: Int!) { campaigns(first: $first) { nodes { id } } }', { first: '5' }),
    query('a number out of range', 'query ($first: Int!) { campaigns(first: $first) { nodes { id } } }', { first: 2 ** 40 }),
    query('a moment without a zone', 'query ($from: DateTime!) { analytics { performance(from: $from) { calls } } }', {
      from: '2026-01-01T00:00:00',
    }),
    query('several wrong variables', 'query ($a: Int!, $b: Boolean!) { campaigns(first: $a) { nodes { id @include(if: $b) } } }', {
      a: 1.5,
      b: 'yes',
    }),
    query('too large a page', '{ campaigns(first: 101) { nodes { id } } }'),
    query('too large a page, by a variable', 'query ($first: Int!) { campaigns(first: $first) { nodes { id } } }', { first: 101 }),
    query('a page that is no page, beside data', 'query ($id: ID!) { campaign(id: $id) { name domains(first: -1) { nodes { id } } } }', {
      id: campaign,
    }),
    query('no cursor', 'query ($after: String) { bids(first: 1, after: $after) { nodes { id } } }', { after: 'none' }),
    query(
      'a range that is too long',
      'query ($to: DateTime) { analytics { performance(from: "1999-01-01T00:00:00Z", to: $to) { calls } } }',
      {
        to: ids.to,
      },
    ),
    query(
      'several fields that fail',
      'query ($id: ID!) { a: campaign(id: $id) { id domains(first: 999) { totalCount } } viewer { role } }',
      {
        id: campaign,
      },
    ),
    query('public beside what needs a token', '{ tlds(kind: INTERNATIONALIZED) { name } viewer { role } }'),
    query('an unknown field', '{ campaign(id: 1) { nme } }'),
    query('no selection', '{ campaigns }'),
    query('not a document', '{ campaigns(first: '),
    query('nothing', ''),
    query('an operation that is not there', BY_ID, { id: campaign }),
    query('aliases without end', `{ ${Array.from({ length: 60 }, (_, index) => `a${index}: __typename`).join(' ')} }`),
    query('no operation named among two', 'query A { __typename } query B { __typename }'),
  ].map((operation) => (operation.name.endsWith('that is not there') ? { ...operation, operationName: 'Other' } : operation))
}

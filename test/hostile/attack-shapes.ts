import type { Ids } from '../corpus/operations.ts'
import type { Caller, Envelope, HostileRequest } from './request.ts'
import { times } from './world.ts'

/** A published attack, and the gateway's expected response while introspection is off. */
export interface Attack extends HostileRequest {
  readonly expected: {
    readonly status: number
    readonly code: string
    /** Name of the limit that rejects the attack. */
    readonly setting?: string
  }
}

type Expected = Attack['expected']

const INVALID: Expected = { status: 200, code: 'GRAPHQL_VALIDATION_FAILED' }
const UNREADABLE: Expected = { status: 200, code: 'GRAPHQL_PARSE_FAILED' }
const BAD_INPUT: Expected = { status: 200, code: 'BAD_USER_INPUT' }
const UNRESOLVED: Expected = { status: 400, code: 'OPERATION_RESOLUTION_FAILURE' }
const BAD_REQUEST: Expected = { status: 400, code: 'BAD_REQUEST' }

/**
 * Returns the attacks that GraphQL Armor and OWASP's GraphQL cheat sheet list, each as a request against this schema.
 */
export function attackShapes(ids: Ids): readonly Attack[] {
  return [...sizes(ids), ...structures(), ...discoveries(), ...inputs(ids), ...forms()]
}

function limit(setting: string): Expected {
  return { status: 400, code: 'LIMIT_EXCEEDED', setting }
}

function attack(kind: string, query: string, expected: Expected, more: Partial<Attack> & Partial<Envelope> = {}): Attack {
  const { variables, operationName, extensions, ...others } = more
  const envelope = {
    query,
    ...(variables === undefined ? {} : { variables }),
    ...(operationName === undefined ? {} : { operationName }),
    ...(extensions === undefined ? {} : { extensions }),
  }
  const caller: Caller = 'ADMIN'
  return { kind, caller, method: 'POST', envelopes: [envelope], expected, ...others }
}

/** Attacks that exceed a size: too many fields, levels, aliases and so on. */
function sizes({ campaigns: [campaign] }: Ids): readonly Attack[] {
  const cycle = (depth: number): string => (depth === 0 ? 'id' : `campaign{domains(first:1){nodes{${cycle(depth - 1)}}}}`)
  return [
    attack('aliases of one field', `{${times(60, (index) => `a${index}:__typename`)}}`, limit('MAX_ROOT_FIELDS')),
    attack('aliases below the root', `{viewer{${times(60, (index) => `a${index}:role`)}}}`, limit('MAX_ALIASES')),
    attack(
      'aliases in a fragment spread often',
      `{viewer{...F user{id}} v:viewer{...F}} fragment F on Viewer{${times(26, (index) => `a${index}:role`)}}`,
      limit('MAX_ALIASES'),
    ),
    attack(
      'guesses of a password by aliases',
      `mutation{${times(100, (index) => `try${index}:cancelBid(input:{id:"${index}"}){errors{code}}`)}}`,
      limit('MAX_ROOT_FIELDS'),
    ),
    attack('fields within each other', `{domains(first:1){nodes{${cycle(6)}}}}`, limit('MAX_DEPTH')),
    attack('inline fragments within each other', `{${'...{'.repeat(20)}__typename${'}'.repeat(20)}}`, limit('MAX_DEPTH')),
    attack(
      'fields within each other by fragments',
      `{node(id:"${campaign}"){...A}} fragment A on Campaign{${'owner{...on User{'.repeat(8)}id${'}}'.repeat(8)}}`,
      limit('MAX_DEPTH'),
    ),
    attack('directives on one field', `{__typename ${times(60, () => '@include(if:true)')}}`, limit('MAX_DIRECTIVES')),
    attack('directives nobody knows', `{__typename ${times(500, (index) => `@d${index}`)}}`, limit('MAX_DIRECTIVES')),
    attack('tokens', `{${times(4100, () => '__typename')}}`, limit('MAX_TOKENS')),
    attack('characters', `{__typename #${'x'.repeat(100_001)}\n}`, limit('MAX_DOCUMENT_BYTES')),
    attack('one field many times', `{${times(500, () => '__typename')}}`, limit('MAX_ROOT_FIELDS')),
    attack('one field many times below the root', `{viewer{${times(500, () => 'role')}}}`, limit('MAX_REPEATS')),
    attack('lists in lists', '{calls(first:100){nodes{bids(first:100){nodes{call{bids(first:100){nodes{id}}}}}}}}', limit('MAX_COST')),
    attack(
      'a series many times',
      `{analytics{${times(12, (index) => `a${index}:callsByHour(from:"2025-11-01T00:00:00Z"){hour}`)}}}`,
      limit('MAX_COST'),
    ),
    attack(
      'operations in one document',
      times(150, (index) => `query Q${index}{__typename}`),
      limit('MAX_DEFINITIONS'),
    ),
    attack(
      'fragments that double',
      `{...f0} ${times(20, (index) => `fragment f${index} on Query{...f${index + 1} ...f${index + 1}}`)} fragment f20 on Query{__typename}`,
      limit('MAX_SELECTIONS'),
    ),
  ]
}

/** Documents that could mislead or overload the validation. */
function structures(): readonly Attack[] {
  return [
    attack('a fragment within itself', '{...A} fragment A on Query{...A}', INVALID),
    attack('two fragments within each other', '{...A} fragment A on Query{...B} fragment B on Query{...A}', INVALID),
    attack(
      'fragments that lead back to all before them',
      `{...f0} ${times(30, (index) => `fragment f${index} on Query{...f${Math.min(index + 1, 29)} ${times(index, (other) => `...f${other}`)}}`)}`,
      INVALID,
    ),
    attack('one directive twice at one place', '{__typename @include(if:true) @include(if:true)}', INVALID),
    attack('a directive of the schema', '{__typename @auth(requires:ADMIN) @cost(weight:0)}', INVALID),
    attack('an answer in parts', '{...@defer{__typename}}', INVALID),
    attack('a type in a request', 'type Query{hacked:String} extend type Query{more:Int}', INVALID),
    attack('an operation that is not there', 'query A{__typename}', UNRESOLVED, { operationName: 'B' }),
    attack('no operation named among two', 'query A{__typename} query B{__typename}', UNRESOLVED),
    attack('a document that ends early', '{campaigns(first:', UNREADABLE),
    attack('braces without end', '{a'.repeat(1500), limit('MAX_DEPTH')),
  ]
}

/** Attempts to learn the schema. */
function discoveries(): readonly Attack[] {
  return [
    attack('introspection', '{__schema{types{name fields{name}}}}', INVALID),
    attack('introspection of one type', '{__type(name:"User"){fields{name}}}', INVALID),
    attack('introspection by a fragment', '{...A} fragment A on Query{__schema{queryType{name}}}', INVALID),
    attack('a misspelt field', '{campaign(id:"1"){nme}}', INVALID),
    attack('a field without a selection', '{campaigns}', INVALID),
    attack('a misspelt argument', '{campaigns(frist:1){nodes{id}}}', INVALID),
    attack('a misspelt type', 'query($f:CampaignFiltr){campaigns(filter:$f){nodes{id}}}', INVALID),
    attack('a misspelt value of an enum', '{tlds(kind:GENERICS){name}}', INVALID, { caller: 'nobody' }),
    attack('a misspelt key of a literal', '{campaigns(filter:{ownrId:"1"}){nodes{id}}}', INVALID),
    attack('a misspelt key of a variable', 'query($f:CampaignFilter){campaigns(first:1,filter:$f){nodes{id}}}', BAD_INPUT, {
      variables: { f: { ownrId: '1' } },
    }),
    attack('100 unknown keys in a variable', 'query($f:CampaignFilter){campaigns(first:1,filter:$f){nodes{id}}}', BAD_INPUT, {
      variables: { f: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, 1])) },
    }),
    attack('a misspelt value in a variable', 'query($k:TldKind){tlds(kind:$k){name}}', BAD_INPUT, {
      variables: { k: 'GENERICS' },
      caller: 'nobody',
    }),
  ]
}

/** Values that must never reach SQL, a file or a parser. */
function inputs({ campaigns: [campaign] }: Ids): readonly Attack[] {
  const byVariable = 'query($v:[ID!]!){nodes(ids:$v){id}}'
  const variables = (v: unknown) => ({ variables: { v } })
  return [
    attack(
      'variables with many keys',
      '{__typename}',
      limit('MAX_OBJECT_KEYS'),
      variables(Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`a${index}`, 1]))),
    ),
    attack('a long list in variables', byVariable, limit('MAX_LIST_LENGTH'), variables(Array.from({ length: 5000 }, () => campaign))),
    attack('lists in lists in variables', byVariable, limit('MAX_INPUT_DEPTH'), {
      variables: JSON.parse(`{"v":${'['.repeat(500)}${']'.repeat(500)}}`),
    }),
    attack('a long text in variables', byVariable, limit('MAX_TEXT_LENGTH'), variables('x'.repeat(50_000))),
    attack('a long list in a literal', `{nodes(ids:[${times(2001, () => '"x"')}]){id}}`, limit('MAX_LIST_LENGTH')),
    attack('an object in place of a text', byVariable, BAD_INPUT, variables([{ $ne: null }])),
    attack('too large a page', '{campaigns(first:100000){nodes{id}}}', { status: 200, code: 'BAD_USER_INPUT' }),
    attack('a page of no number', 'query($v:Int!){campaigns(first:$v){nodes{id}}}', BAD_INPUT, variables('1; drop table campaigns')),
  ]
}

/** Requests that a page of another site could send, and requests with more than one operation. */
function forms(): readonly Attack[] {
  const query = '{viewer{role}}'
  const mutation = 'mutation{refreshAnalytics{correctedRows}}'
  return [
    attack('operations in one list', '', BAD_REQUEST, { envelopes: Array.from({ length: 50 }, () => ({ query })) }),
    attack('a query by GET as a page can send it', query, BAD_REQUEST, { method: 'GET', headers: {} }),
    attack('a mutation by GET', mutation, { status: 405, code: 'BAD_REQUEST' }, { method: 'GET' }),
    attack('a body of plain text', query, BAD_REQUEST, { headers: { 'content-type': 'text/plain' } }),
    attack(
      'a form',
      query,
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
      { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ),
    attack('a body that is no JSON', '', BAD_REQUEST, { body: '{"query":' }),
    attack('a query of no text', '', BAD_REQUEST, { body: '{"query":{"$gt":""}}' }),
    attack('a body larger than all others', '', { status: 413, code: 'PAYLOAD_TOO_LARGE' }, { body: `{"query":"${'x'.repeat(530_000)}"}` }),
    attack(
      'an unknown persisted query',
      '',
      { status: 200, code: 'PERSISTED_QUERY_NOT_FOUND' },
      { body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }) },
    ),
    attack('an unknown trusted document', '', { status: 400, code: 'DOCUMENT_NOT_FOUND' }, { body: '{"documentId":"x"}' }),
    attack(
      'a persisted query under another hash',
      query,
      { status: 400, code: 'BAD_USER_INPUT' },
      {
        extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } },
      },
    ),
  ]
}

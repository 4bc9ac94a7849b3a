import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { type Kysely, type KyselyPlugin, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { operationOf, type Pool } from '../e2e/schema-walk.ts'
import { type Answer, startMarketGateway } from './market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
const { schema } = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market
/** Root fields through which the test reaches each type. */
let parents: Readonly<Record<string, string>>
let pool: Pool
let buyer: string
/** Text and parameters of every SQL statement. */
const statements: { readonly text: string; readonly parameters: string }[] = []

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'inputs')
  gateway = await startMarketGateway({ ...scratch, db: recorded(scratch.db) })
  const values = { tenantId: market.tenant, campaignId: market.campaignId, callerState: 'CA', startedAt: '2026-01-01T00:00:00Z' }
  const { id: call } = await scratch.db.insertInto('calls').values(values).returning('id').executeTakeFirstOrThrow()
  const domain = {
    tenantId: market.tenant,
    campaignId: market.campaignId,
    name: 'inputs.com',
    sld: 'inputs',
    tld: 'com',
    terms: [],
    score: 1,
  }
  const { id: domainId } = await scratch.db.insertInto('domains').values(domain).returning('id').executeTakeFirstOrThrow()
  const id = toGlobalId('Campaign', market.campaignId)
  buyer = toGlobalId('Buyer', market.buyerIds[0] ?? 0)
  const publisher = await scratch.db
    .insertInto('publishers')
    .values({ tenantId: market.tenant, name: 'Search', payoutKind: 'FIXED' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const ofTenant = { tenantId: market.tenant }
  const document = JSON.stringify({ targets: [], states: [] })
  const insert = scratch.db.insertInto('routingPlans').values({ ...ofTenant, name: 'Plan' })
  const { id: planId } = await insert.returning('id').executeTakeFirstOrThrow()
  await scratch.db
    .insertInto('routingPlanVersions')
    .values({ id: 1, ...ofTenant, planId, number: 1, document })
    .execute()
  await scratch.db
    .insertInto('complianceRuleSets')
    .values({ id: 1, ...ofTenant, number: 1, document })
    .execute()
  parents = {
    Query: 'query',
    Mutation: 'mutation',
    Campaign: `campaign(id: "${id}")`,
    Call: `call(id: "${toGlobalId('Call', call)}")`,
    Buyer: `buyer(id: "${buyer}")`,
    Publisher: `publisher(id: "${toGlobalId('Publisher', publisher.id)}")`,
    Domain: `domain(id: "${toGlobalId('Domain', domainId)}")`,
    RoutingPlan: `routingPlan(id: "${toGlobalId('RoutingPlan', planId)}")`,
    RoutingPlanVersion: versionOf('RoutingPlanVersion'),
    ComplianceRuleSet: versionOf('ComplianceRuleSet'),
    RoutingCandidates: `routingCandidates(campaignId: "${id}", state: "CA")`,
    RoutingDecision: 'routingDecisions',
    PingCallPayload: 'mutation',
    Analytics: 'analytics',
  }
  pool = {
    id,
    cursor: null,
    domainName: 'example.com',
    text: 'plumber',
    currency: 'USD',
    version: 1,
    eventId: 'one',
    from: new Date(Date.now() - 86_400_000).toISOString(),
    to: new Date().toISOString(),
  }
})

function recorded(db: Kysely<Database>): Kysely<Database> {
  const executor = db.getExecutor()
  const recorder: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      const { sql: text, parameters } = executor.compileQuery(node, queryId)
      statements.push({ text, parameters: JSON.stringify(parameters) })
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return db.withPlugin(recorder)
}

afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

interface Place {
  readonly owner: string
  readonly field: string
  readonly path: readonly (string | number)[]
  readonly type: GraphQLNamedType
}

const fieldsOf = (owner: string): GraphQLField<unknown, unknown>[] => {
  const type = schema.getType(owner)
  return isObjectType(type) ? Object.values(type.getFields()).filter(({ args }) => args.length > 0) : []
}

/** Returns the paths of an argument and of all nested input fields. A list is represented by its first item. */
function placesIn(owner: string, field: string, name: string, type: GraphQLInputType, path: readonly (string | number)[]): Place[] {
  const own = [...path, name]
  let inner = isNonNullType(type) ? type.ofType : type
  if (isListType(inner)) {
    own.push('0')
    inner = inner.ofType
  }
  const named = getNamedType(inner)
  if (!isInputObjectType(named)) return [{ owner, field, path: own, type: named }]
  return Object.values(named.getFields()).flatMap((member) => placesIn(owner, field, member.name, member.type, own))
}

const owners = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__') && fieldsOf(name).length > 0)
const places = owners.flatMap((owner) =>
  fieldsOf(owner).flatMap((field) => field.args.flatMap(({ name, type }) => placesIn(owner, field.name, name, type, []))),
)
const placesOf = (...types: string[]) =>
  places
    .filter(({ type }) => types.includes(type.name))
    .map((place) => [`${place.owner}.${place.field}: ${place.path.join('.')}`, place] as const)

/** Returns the start of a query for the first row of a type that has no root field of its own. It is one field, with a fragment in it. */
function versionOf(type: string): string {
  return `node(id: "${toGlobalId(type, 1)}") { ... on ${type}`
}

/** Requests a field with all its arguments, and replaces the value at one place. */
async function askWith({ owner, field: name, path }: Place, value: unknown): Promise<Answer> {
  const field = fieldsOf(owner).find((other) => other.name === name) ?? expect.unreachable(name)
  const kind = owner === 'Mutation' ? 'mutation' : 'query'
  const { variables } = operationOf(kind, field, name === 'updateBuyer' ? { ...pool, id: buyer } : pool)
  const declared = field.args.filter((argument) => argument.name in variables || argument.name === path[0])
  const given = JSON.parse(JSON.stringify(variables))
  let at = given
  for (const [index, step] of path.slice(0, -1).entries()) at = at[step] ??= path[index + 1] === '0' ? [] : {}
  at[path.at(-1) as string] = value
  const type = getNamedType(field.type)
  const hasErrors = isObjectType(type) && 'errors' in type.getFields()
  const selection = hasErrors ? '{ errors { code message field } }' : isObjectType(type) || type.name === 'Node' ? '{ __typename }' : ''
  const call = `${name}(${declared.map((argument) => `${argument.name}: $${argument.name}`).join(', ')}) ${selection}`
  const parent = parents[owner]
  const ends = parent?.includes('{ ...') ? ' }' : ''
  const body = owner === 'Query' || owner === 'Mutation' ? call : `${parent} { ${call} }${ends}`
  const head = `${kind} (${declared.map((argument) => `$${argument.name}: ${argument.type}`).join(', ')})`
  return gateway.ask(market.tenant, 'ADMIN', `${head} { ${body} }`, given)
}

/** Returns codes and messages of all errors, including the errors in payloads of mutations. */
const errorsOf = ({ data, errors }: Answer) => [
  ...errors.map(({ message, extensions: { code } }) => ({ code, message })),
  ...Object.values(data ?? {}).flatMap((value) => (value as { errors?: { code: string; message: string }[] } | null)?.errors ?? []),
]

/**
 * Ignores errors NOT_FOUND: the id in the pool belongs to a row of one type, so an argument for another type gets an id
 * that no row has.
 */
const isNotMissing = ({ code }: { readonly code: string }) => code !== 'NOT_FOUND'

describe('the arguments of the whole schema', () => {
  it('are all covered by the tests in this file', () => {
    expect(owners.toSorted()).toEqual(Object.keys(parents).toSorted())
    expect(placesOf('ID').length).toBeGreaterThan(25)
    expect(placesOf('String', 'DomainName', 'DateTime').length).toBeGreaterThan(40)
  })

  it.each(placesOf('ID'))('reject a text that is not an id, with an error that shows a valid id: %s', async (_, place) => {
    for (const wrong of ['', '1', ` ${pool.id} `, `${pool.id}=`]) {
      const errors = errorsOf(await askWith(place, wrong)).filter(isNotMissing)
      expect([wrong, errors.map(({ code }) => code)]).toEqual([wrong, [expect.stringMatching(/^(INVALID|BAD_USER_INPUT)$/)]])
      expect(errors[0]?.message).toMatch(/such as "Q2FtcGFpZ246MQ", got ".*": send it unchanged\.$/)
    }
  })

  it.each(placesOf('String', 'ID', 'DomainName', 'DateTime'))('reject a text that the database cannot store: %s', async (_, place) => {
    for (const wrong of ['a\0b', '\ud83d']) {
      const message = expect.stringMatching(/^Variable "\$.+" holds (the character U\+0000|half a character)/)
      expect(errorsOf(await askWith(place, wrong))).toEqual([{ code: 'BAD_USER_INPUT', message }])
    }
  })

  it.each(
    placesOf('String').filter(([, { path }]) => !['query', 'currency', 'name'].includes(String(path.at(-1)))),
  )('reject an empty text, which is not a valid state, cursor, domain name or pattern: %s', async (_, place) => {
    const codes = errorsOf(await askWith(place, ''))
      .filter(isNotMissing)
      .map(({ code }) => code)
    expect(codes).toEqual([expect.stringMatching(/^(INVALID|BAD_USER_INPUT)$/)])
  })

  it.each(
    placesOf('String', 'ID', 'Boolean', 'Int', 'DateTime', ...enumNames()).filter(([, place]) => isOptionalFilter(place)),
  )('treat null in a filter like an omitted field: %s', async (_, place) => {
    expect(errorsOf(await askWith(place, null))).toEqual([])
  })
})

function enumNames(): string[] {
  return Object.keys(schema.getTypeMap())
}

function isOptionalFilter({ path }: Place): boolean {
  return path[0] === 'filter' && path.length === 2
}

describe('a text with a character that the database cannot store', () => {
  it('is rejected in variables of a compiled operation', async () => {
    const ask = (query: string) =>
      gateway.ask(market.tenant, 'ADMIN', 'query ($query: String!) { searchDomains(query: $query) { totalCount } }', { query })
    for (let time = 0; time < 4; time++) expect(errorsOf(await ask('plumber'))).toEqual([])
    expect(errorsOf(await ask('a\0b'))).toMatchObject([{ code: 'BAD_USER_INPUT' }])
  })

  it.each([
    ['in an argument', '{ domainByName(name: "a\\u0000.com") { id } }'],
    ['in a field of an input object', 'mutation { createBuyer(input: { name: "a\\u0000" }) { errors { code } } }'],
    ['in an item of a list', '{ domainPatterns(keywords: ["a", "\\u{0}"]) { pattern } }'],
    ['in the default of a variable', 'query ($name: DomainName! = "\\u0000") { domainByName(name: $name) { id } }'],
    ['in an argument of introspection', '{ __type(name: "\\u0000") { name } }'],
  ])('is rejected in the document: %s', async (_, query) => {
    const { errors } = await gateway.ask(market.tenant, 'ADMIN', query)
    expect(errors.map(({ message, extensions }) => [extensions.code, message])).toContainEqual([
      'GRAPHQL_VALIDATION_FAILED',
      'A text of the document holds the character U+0000: leave it out.',
    ])
  })
})

describe('the length of a name', () => {
  const CREATE = 'mutation ($input: CreateBuyerInput!) { createBuyer(input: $input) { buyer { name } errors { message } } }'
  const CAMPAIGN =
    'mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) { campaign { name } errors { message field } } }'
  it.each([
    'x',
    'é',
    '\u{1F600}',
    '漢',
  ])('is counted in code points, so that 120 times %s is valid and 121 times is rejected', async (character) => {
    const name = character.repeat(120)
    const buyer = await gateway.ask(market.tenant, 'ADMIN', CREATE, { input: { name } })
    expect(buyer.data.createBuyer).toEqual({ buyer: { name }, errors: [] })
    const longer = await gateway.ask(market.tenant, 'ADMIN', CREATE, { input: { name: ` ${name}${character} ` } })
    expect(longer.data.createBuyer.errors).toEqual([
      { message: expect.stringMatching(/^Expected a name of 1 to 120 characters, got 121 in "/) },
    ])
    const campaign = { keywords: ['roof'], budget: { amount: 1, currency: 'USD' } }
    const created = await gateway.ask(market.tenant, 'ADMIN', CAMPAIGN, { input: { ...campaign, name } })
    expect(created.data.createCampaign.errors.filter(({ field }: { field: string[] }) => field[1] === 'name')).toEqual([])
    const refused = await gateway.ask(market.tenant, 'ADMIN', CAMPAIGN, { input: { ...campaign, name: `${name}${character}` } })
    expect(refused.data.createCampaign.errors[0].message).toMatch(/^Expected a name of 1 to 120 characters, got 121 in "/)
  })
})

describe('T22: a text that could end an SQL literal', () => {
  const MARK = 'quote7f3a'
  const QUOTES = [`${MARK}'; drop table bids; --`, `${MARK}" \\' '' $$ $1 ? :a %27 \u2019 \u02bc /* */ ') or ('1'='1`]

  it('T22: is a parameter or is refused in every argument, and appears in no statement', async () => {
    statements.length = 0
    for (const [title, place] of placesOf('String', 'ID', 'DomainName', 'DateTime')) {
      const codes = errorsOf(await askWith(place, QUOTES.join(''))).map(({ code }) => code)
      expect([title, codes.filter((code) => code === 'INTERNAL_SERVER_ERROR' || code === 'UNAVAILABLE')]).toEqual([title, []])
    }
    // Only a few arguments accept any text. The other arguments refuse this text before a statement is sent.
    expect(statements.filter(({ parameters }) => parameters.includes(MARK)).length).toBeGreaterThan(0)
    expect(statements.filter(({ text }) => text.includes(MARK))).toEqual([])
  })

  it('T22: is stored and read unchanged', async () => {
    for (const name of QUOTES) {
      const { data } = await gateway.ask(
        market.tenant,
        'ADMIN',
        'mutation ($input: CreateBuyerInput!) { createBuyer(input: $input) { buyer { name } errors { code } } }',
        { input: { name } },
      )
      expect(data.createBuyer).toEqual({ buyer: { name }, errors: [] })
    }
  })

  it('T22: is found in a concatenated statement, so this test detects a gateway that concatenates SQL', async () => {
    await sql`select ${sql.raw(`'${MARK}'`)} as text`.execute(recorded(scratch.db))
    expect(statements.some(({ text }) => text.includes(MARK))).toBe(true)
    statements.length = 0
  })
})

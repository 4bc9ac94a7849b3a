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
import { buildGatewaySchema, readTypeDefs } from '../../src/graphql/schema.ts'
import { localId, toGlobalId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import type { Database } from '../../src/postgres/tables.ts'
import { operationOf, type Pool } from '../e2e/schema-walk.ts'
import { type Answer, startMarketGateway } from './market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
const { schema } = buildGatewaySchema({ typeDefs, modules: createModules(), overrides: {}, localId })

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market
/** Where the fields of each type are reached from. */
let parents: Readonly<Record<string, string>>
let pool: Pool
let buyer: string
/** Every statement, its text apart from its parameters. */
const statements: { readonly text: string; readonly parameters: string }[] = []

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'inputs')
  gateway = await startMarketGateway({ ...scratch, db: recorded(scratch.db) })
  const values = { tenantId: market.tenant, campaignId: market.campaignId, callerState: 'CA', startedAt: '2026-01-01T00:00:00Z' }
  const { id: call } = await scratch.db.insertInto('calls').values(values).returning('id').executeTakeFirstOrThrow()
  const id = toGlobalId('Campaign', market.campaignId)
  buyer = toGlobalId('Buyer', market.buyerIds[0] ?? 0)
  parents = {
    Query: 'query',
    Mutation: 'mutation',
    Campaign: `campaign(id: "${id}")`,
    Call: `call(id: "${toGlobalId('Call', call)}")`,
    Buyer: `buyer(id: "${buyer}")`,
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

/** Every argument, and every field of the inputs within. A list counts by its first item. */
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

/** Asks for the field with all its arguments, of which one is another. */
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
  const body = owner === 'Query' || owner === 'Mutation' ? call : `${parents[owner]} { ${call} }`
  const head = `${kind} (${declared.map((argument) => `$${argument.name}: ${argument.type}`).join(', ')})`
  return gateway.ask(market.tenant, 'ADMIN', `${head} { ${body} }`, given)
}

/** Codes and messages of all errors, those of mutations among them. */
const errorsOf = ({ data, errors }: Answer) => [
  ...errors.map(({ message, extensions: { code } }) => ({ code, message })),
  ...Object.values(data ?? {}).flatMap((value) => (value as { errors?: { code: string; message: string }[] } | null)?.errors ?? []),
]

/** An id of the pool is that of one type alone: where another is meant, it is an id that no row has. */
const isNotMissing = ({ code }: { readonly code: string }) => code !== 'NOT_FOUND'

describe('the arguments of the whole schema', () => {
  it('are all reached here', () => {
    expect(owners.toSorted()).toEqual(Object.keys(parents).toSorted())
    expect(placesOf('ID').length).toBeGreaterThan(25)
    expect(placesOf('String', 'DomainName', 'DateTime').length).toBeGreaterThan(40)
  })

  it.each(placesOf('ID'))('refuse what is no id, and show one: %s', async (_, place) => {
    for (const wrong of ['', '1', ` ${pool.id} `, `${pool.id}=`]) {
      const errors = errorsOf(await askWith(place, wrong)).filter(isNotMissing)
      expect([wrong, errors.map(({ code }) => code)]).toEqual([wrong, [expect.stringMatching(/^(INVALID|BAD_USER_INPUT)$/)]])
      expect(errors[0]?.message).toMatch(/such as "Q2FtcGFpZ246MQ", got ".*": send it unchanged\.$/)
    }
  })

  it.each(placesOf('String', 'ID', 'DomainName', 'DateTime'))('refuse text that cannot be stored: %s', async (_, place) => {
    for (const wrong of ['a\0b', '\ud83d']) {
      const message = expect.stringMatching(/^Variable "\$.+" holds (the character U\+0000|half a character)/)
      expect(errorsOf(await askWith(place, wrong))).toEqual([{ code: 'BAD_USER_INPUT', message }])
    }
  })

  it.each(
    placesOf('String').filter(([, { path }]) => !['query', 'currency', 'name'].includes(String(path.at(-1)))),
  )('take an empty text for no state, cursor, name of a domain or pattern: %s', async (_, place) => {
    const codes = errorsOf(await askWith(place, ''))
      .filter(isNotMissing)
      .map(({ code }) => code)
    expect(codes).toEqual([expect.stringMatching(/^(INVALID|BAD_USER_INPUT)$/)])
  })

  it.each(
    placesOf('String', 'ID', 'Boolean', 'Int', 'DateTime', ...enumNames()).filter(([, place]) => isOptionalFilter(place)),
  )('take null in a filter for a part that is not given: %s', async (_, place) => {
    expect(errorsOf(await askWith(place, null))).toEqual([])
  })
})

function enumNames(): string[] {
  return Object.keys(schema.getTypeMap())
}

function isOptionalFilter({ path }: Place): boolean {
  return path[0] === 'filter' && path.length === 2
}

describe('text within a document', () => {
  it('is refused in variables of an operation that was compiled, too', async () => {
    const ask = (query: string) =>
      gateway.ask(market.tenant, 'ADMIN', 'query ($query: String!) { searchDomains(query: $query) { totalCount } }', { query })
    for (let time = 0; time < 4; time++) expect(errorsOf(await ask('plumber'))).toEqual([])
    expect(errorsOf(await ask('a\0b'))).toMatchObject([{ code: 'BAD_USER_INPUT' }])
  })

  it.each([
    ['an argument', '{ domainByName(name: "a\\u0000.com") { id } }'],
    ['a part of an input', 'mutation { createBuyer(input: { name: "a\\u0000" }) { errors { code } } }'],
    ['an item of a list', '{ domainPatterns(keywords: ["a", "\\u{0}"]) { pattern } }'],
    ['a default of a variable', 'query ($name: DomainName! = "\\u0000") { domainByName(name: $name) { id } }'],
    ['an argument of introspection', '{ __type(name: "\\u0000") { name } }'],
  ])('is refused where it cannot be stored: %s', async (_, query) => {
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
  it.each(['x', 'é', '\u{1F600}', '漢'])('is that in code points: 120 times %s is a name, 121 times is none', async (character) => {
    const name = character.repeat(120)
    const buyer = await gateway.ask(market.tenant, 'ADMIN', CREATE, { input: { name } })
    expect(buyer.data.createBuyer).toEqual({ buyer: { name }, errors: [] })
    const longer = await gateway.ask(market.tenant, 'ADMIN', CREATE, { input: { name: ` ${name}${character} ` } })
    expect(longer.data.createBuyer.errors).toEqual([{ message: 'Expected a name of 1 to 120 characters, got 121.' }])
    const campaign = { keywords: ['roof'], budget: { amount: 1, currency: 'USD' } }
    const created = await gateway.ask(market.tenant, 'ADMIN', CAMPAIGN, { input: { ...campaign, name } })
    expect(created.data.createCampaign.errors.filter(({ field }: { field: string[] }) => field[1] === 'name')).toEqual([])
    const refused = await gateway.ask(market.tenant, 'ADMIN', CAMPAIGN, { input: { ...campaign, name: `${name}${character}` } })
    expect(refused.data.createCampaign.errors[0].message).toBe('Expected a name of 1 to 120 characters, got 121.')
  })
})

describe('T22: a text that could end a literal of SQL', () => {
  const MARK = 'quote7f3a'
  const QUOTES = [`${MARK}'; drop table bids; --`, `${MARK}" \\' '' $$ $1 ? :a %27 \u2019 \u02bc /* */ ') or ('1'='1`]

  it('T22: is a parameter or refused in every argument, and stands in no statement', async () => {
    statements.length = 0
    for (const [title, place] of placesOf('String', 'ID', 'DomainName', 'DateTime')) {
      const codes = errorsOf(await askWith(place, QUOTES.join(''))).map(({ code }) => code)
      expect([title, codes.filter((code) => code === 'INTERNAL_SERVER_ERROR' || code === 'UNAVAILABLE')]).toEqual([title, []])
    }
    // Few arguments take any text: the others refuse it before the database is asked.
    expect(statements.filter(({ parameters }) => parameters.includes(MARK)).length).toBeGreaterThan(0)
    expect(statements.filter(({ text }) => text.includes(MARK))).toEqual([])
  })

  it('T22: is stored and read as it was sent', async () => {
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

  it('T22: would be found in a statement that is put together of texts', async () => {
    await sql`select ${sql.raw(`'${MARK}'`)} as text`.execute(recorded(scratch.db))
    expect(statements.some(({ text }) => text.includes(MARK))).toBe(true)
    statements.length = 0
  })
})

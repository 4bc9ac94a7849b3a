import { CombinedGraphQLErrors } from '@apollo/client'
import { CombinedError } from '@urql/core'
import { ClientError } from 'graphql-request'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { apolloFrontEnd, type Data, type FrontEnd, type FrontEndOptions, graphqlRequestFrontEnd, urqlFrontEnd } from './front-ends.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const CAMPAIGN = 'query Campaign($id: ID!) { campaign(id: $id) { id name version } }'
const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id name } errors { code } } }'
const PAGE =
  'query Page($first: Int!, $after: String) { campaigns(first: $first, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }'
const COUNT = 'query Count { campaigns(first: 0) { totalCount } }'
const TOO_MANY = 'query TooMany { campaigns(first: 1000) { nodes { id } } }'
const MISSPELT = 'query Misspelt { campaigns(first: 1) { nodes { nmae } } }'

/** Each library with the codes in the form it gives errors in; undefined for what is not that form. */
const libraries: readonly [string, (options: FrontEndOptions) => FrontEnd, (error: unknown) => unknown[] | undefined][] = [
  [
    '@apollo/client',
    apolloFrontEnd,
    (error) => (CombinedGraphQLErrors.is(error) ? error.errors.map(({ extensions }) => extensions?.['code']) : undefined),
  ],
  [
    '@urql/core',
    urqlFrontEnd,
    (error) => (error instanceof CombinedError ? error.graphQLErrors.map(({ extensions }) => extensions['code']) : undefined),
  ],
  [
    'graphql-request',
    graphqlRequestFrontEnd,
    (error) => (error instanceof ClientError ? (error.response.errors ?? []).map(({ extensions }) => extensions['code']) : undefined),
  ],
]

let database: TestDatabase
let processes: readonly Gateway[] = []

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  // Far enough apart that a process learns of a change by the token, not by its own looks at the log.
  const env = { DATABASE_URL: database.url, CACHE_TICK_MS: '400' }
  processes = await Promise.all([startGateway(env), startGateway(env)])
})

afterAll(async () => {
  await Promise.all(processes.map((gateway) => gateway.stop()))
  await database?.drop()
})

/** Sends one request to one process and the next to the other, as a load balancer would. */
function balanced(): typeof fetch {
  let sent = 0
  return (input, init) => {
    const target = processes[sent++ % processes.length]
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    return fetch(`${target?.url}${pathname}${search}`, init)
  }
}

describe.each(libraries)('%s, behind a load balancer', (library, createFrontEnd, codesOf) => {
  const frontEnd = async (options: Partial<FrontEndOptions> = {}) =>
    createFrontEnd({ url: 'http://tidegate.test/graphql', authorization: `Bearer ${await tokenFor(admin)}`, fetch: balanced(), ...options })

  const rejection = async (work: Promise<unknown>) =>
    work.then(
      () => expect.unreachable('an error was expected'),
      (error: unknown) => error,
    )

  it('reads on one process what it wrote on another', async () => {
    const { query, mutate } = await frontEnd()
    const { campaigns } = await query(PAGE, { first: 1 })
    const [{ id }] = campaigns.nodes
    for (let round = 0; round < 6; round++) {
      // An even number of reads here, an odd number below: each round writes on the process that the round before read on.
      const { campaign } = await query(CAMPAIGN, { id })
      await query(CAMPAIGN, { id })
      const name = `round ${round} of ${library}`
      const { updateCampaign } = await mutate(RENAME, { input: { id, version: campaign.version, name } })
      expect(updateCampaign).toMatchObject({ campaign: { id, name }, errors: [] })
      expect((await query(CAMPAIGN, { id })).campaign.name).toBe(name)
      expect((await query(CAMPAIGN, { id })).campaign.name).toBe(name)
    }
  })

  it('walks a list in three pages and meets each row once', async () => {
    const { query } = await frontEnd()
    const { totalCount } = (await query(COUNT)).campaigns
    const first = Math.ceil(totalCount / 3)
    const pages: string[][] = []
    let after: string | null = null
    do {
      const { nodes, pageInfo }: Data = (await query(PAGE, { first, after })).campaigns
      pages.push(nodes.map(({ id }: { id: string }) => id))
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    } while (after !== null)
    expect(totalCount).toBeGreaterThan(6)
    expect(pages.map((page) => page.length)).toEqual([first, first, totalCount - 2 * first])
    expect(new Set(pages.flat()).size).toBe(totalCount)
  })

  it('is given errors in its own form, with their codes', async () => {
    const { query } = await frontEnd()
    const anonymous = await frontEnd({ authorization: undefined })
    expect(codesOf(await rejection(query(TOO_MANY)))).toEqual(['BAD_USER_INPUT'])
    expect(codesOf(await rejection(query(MISSPELT)))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(codesOf(await rejection(anonymous.query(COUNT)))).toEqual(['UNAUTHENTICATED'])
  })

  it('is told by code that its token is no good', async () => {
    const { query } = await frontEnd({ authorization: 'Bearer forged' })
    expect(codesOf(await rejection(query(COUNT)))).toEqual(['UNAUTHENTICATED'])
  })
})

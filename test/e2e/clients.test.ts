import { CombinedGraphQLErrors } from '@apollo/client'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { CombinedError } from '@urql/core'
import { ClientError } from 'graphql-request'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { type Consistency, createConsistency, type OnAnswer, type Stale } from '../../docs/clients/consistency.ts'
import { consistencyOf } from '../../docs/clients/server-side.ts'
import { type Link, startLink } from '../faults/link.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { apolloFrontEnd, type Data, type FrontEnd, type FrontEndOptions, graphqlRequestFrontEnd, urqlFrontEnd } from './front-ends.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'
import { relayFrontEnd } from './relay-front-end.ts'

const CAMPAIGN = 'query Campaign($id: ID!) { campaign(id: $id) { id name version } }'
const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id name } errors { code } } }'
const PAGE =
  'query Page($first: Int!, $after: String) { campaigns(first: $first, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }'
const COUNT = 'query Count { campaigns(first: 0) { totalCount } }'
const TOO_MANY = 'query TooMany { campaigns(first: 1000) { nodes { id } } }'
const NAMES = 'query Names { campaigns(first: 2) { nodes { id name } } }'
const MISSPELT = 'query Misspelt { campaigns(first: 1) { nodes { nmae } } }'

/**
 * Each client library, with a function that returns the error codes if the error has the form of that library, and
 * undefined otherwise.
 */
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

const schema = makeExecutableSchema({ typeDefs: await readTypeDefs(new URL('../../schema', import.meta.url).pathname) })
/** Client libraries for which docs/clients.md contains code that keeps consistency tokens and sends them with each request. */
const linked: readonly [string, (options: FrontEndOptions) => FrontEnd][] = [
  ['@apollo/client', apolloFrontEnd],
  ['@urql/core', urqlFrontEnd],
  ['relay-runtime', relayFrontEnd(schema)],
]

let database: TestDatabase
let processes: readonly Gateway[] = []
/** A gateway process whose connection to the database the test can cut. */
let cuttable: Gateway
let link: Link

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  // The interval between log syncs is long, so that a process learns of a change by the consistency token and not by a
  // regular sync.
  const env = { DATABASE_URL: database.url, CACHE_TICK_MS: '400' }
  const databaseUrl = new URL(database.url)
  link = await startLink(Number(databaseUrl.port || 5432))
  databaseUrl.port = String(link.port)
  const cuttableEnv = { DATABASE_URL: databaseUrl.href, CACHE_STALENESS_BOUND_MS: '300' }
  ;[cuttable, ...processes] = await Promise.all([startGateway(cuttableEnv), startGateway(env), startGateway(env)])
})

afterAll(async () => {
  await Promise.all([cuttable, ...processes].map((gateway) => gateway?.stop()))
  await link?.close()
  await database?.drop()
})

/** Alternates requests between two processes, like a load balancer. */
function balanced(): typeof fetch {
  let sent = 0
  return (input, init) => {
    const target = processes[sent++ % processes.length]
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    return fetch(`${target?.url}${pathname}${search}`, init)
  }
}

const openFrontEnd = async (createFrontEnd: (options: FrontEndOptions) => FrontEnd, options: Partial<FrontEndOptions> = {}) =>
  createFrontEnd({ url: 'http://tidegate.test/graphql', authorization: `Bearer ${await tokenFor(admin)}`, fetch: balanced(), ...options })

const ignore: OnAnswer = () => undefined

/** Renames a campaign through one process. */
async function rename({ query, mutate }: FrontEnd, id: string, name: string): Promise<void> {
  const { campaign } = await query(CAMPAIGN, { id })
  const { updateCampaign } = await mutate(RENAME, { input: { id, version: campaign.version, name } })
  expect(updateCampaign).toMatchObject({ campaign: { id, name }, errors: [] })
}

/** Reads the name of a campaign once from each process. */
async function namesSeen({ query }: FrontEnd, id: string): Promise<readonly string[]> {
  const names = []
  for (const _ of processes) names.push((await query(CAMPAIGN, { id })).campaign.name)
  return names
}

describe.each([
  ...linked,
  ['graphql-request', graphqlRequestFrontEnd] as const,
])('%s with a consistency token', (library, createFrontEnd) => {
  it('reads on one gateway what the same client wrote on another gateway', async () => {
    const frontEnd = await openFrontEnd(createFrontEnd)
    const [{ id }] = (await frontEnd.query(PAGE, { first: 1 }))['campaigns'].nodes
    for (let round = 0; round < 6; round++) {
      const name = `round ${round} of ${library}`
      await namesSeen(frontEnd, id)
      await rename(frontEnd, id, name)
      expect(await namesSeen(frontEnd, id)).toEqual([name, name])
      // One more request makes the next round write on the other process.
      await frontEnd.query(CAMPAIGN, { id })
    }
  })
})

describe.each(linked)('%s with the code of docs/clients.md that keeps and sends consistency tokens', (library, createFrontEnd) => {
  /** Opens a tab: each tab of a browser has its own front end, and the browser passes messages between the tabs. */
  async function openTab(consistency: Consistency) {
    return { ...(await openFrontEnd(createFrontEnd, { consistency })), consistency }
  }

  it('reads on each gateway what another browser tab wrote, even if the reading tab has also written', async () => {
    const [one, other] = [new BroadcastChannel(`tabs of ${library}`), new BroadcastChannel(`tabs of ${library}`)]
    try {
      const reader = await openTab(createConsistency(ignore, one))
      const [{ id }, { id: ownId }] = (await reader.query(PAGE, { first: 2 }))['campaigns'].nodes
      await rename(reader, ownId, `its own, by ${library}`)
      for (let round = 0; round < 3; round++) {
        const writer = await openTab(createConsistency(ignore, other))
        const name = `another tab's ${round} of ${library}`
        await namesSeen(reader, id)
        await rename(writer, id, name)
        const written = writer.consistency.headers()['consistency-token'] ?? 'no token'
        await expect.poll(() => reader.consistency.headers()['consistency-token']?.split(',')).toContain(written.split(',')[0])
        expect(await namesSeen(reader, id)).toEqual([name, name])
      }
    } finally {
      one.close()
      other.close()
    }
  })

  it('tells the application whether, why and since when a response may be stale, and never uses a stale response for a request with a consistency token', async () => {
    const answers: (readonly [string, Stale | undefined])[] = []
    const consistency = createConsistency((operation, stale) => answers.push([operation, stale]))
    const direct = { url: `${cuttable.url}/graphql`, fetch }
    const { query } = await openFrontEnd(createFrontEnd, { ...direct, consistency })
    const writer = await openFrontEnd(createFrontEnd, direct)
    const [{ id }] = (await query(NAMES))['campaigns'].nodes
    await rename(writer, id, `before the outage, by ${library}`)
    const expected = await writer.query(NAMES)
    expect(answers.splice(0)).toEqual([['Names', undefined]])

    link.mode = 'refuse'
    link.cut()
    await expect.poll(async () => (await query(NAMES)) && answers.at(-1)?.[1], { timeout: 10_000 }).toBeDefined()
    expect(await query(NAMES)).toEqual(expected)
    // Relay gives null for a field with an error, unless the query says otherwise.
    const refused = library === 'relay-runtime' ? { campaigns: null } : expect.stringContaining('not available right now')
    expect(await writer.query(NAMES).catch(String)).toEqual(refused)
    const stale = { reason: 'the invalidation log cannot be reached', since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) }
    expect(answers.at(-1)).toEqual(['Names', stale])

    link.mode = 'pass'
    await expect.poll(async () => (await query(NAMES)) && answers.at(-1), { timeout: 10_000 }).toEqual(['Names', undefined])
  })
})

describe("a web server that renders pages and forwards the browser's cookie to the gateway", () => {
  it('shows a browser what the same browser wrote', async () => {
    const browser = await openFrontEnd(apolloFrontEnd)
    const [{ id }] = (await browser.query(PAGE, { first: 1 }))['campaigns'].nodes
    for (let round = 0; round < 3; round++) {
      let cookie = ''
      const send: typeof fetch = async (input, init) => {
        const headers = { ...Object.fromEntries(new Headers(init?.headers)), cookie: 'theme=dark' }
        const response = await balanced()(input, { ...init, headers })
        cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
        return response
      }
      await namesSeen(browser, id)
      const name = `in a browser, ${round}`
      await rename(await openFrontEnd(apolloFrontEnd, { fetch: send }), id, name)
      const page = new Request('http://application.test/', { headers: { cookie: `theme=dark; ${cookie}` } })
      const server = await openFrontEnd(apolloFrontEnd, { consistency: consistencyOf(page, ignore) })
      expect(await namesSeen(server, id)).toEqual([name, name])
    }
  })
})

describe.each(libraries)('%s, behind a load balancer', (_, createFrontEnd, codesOf) => {
  const frontEnd = (options: Partial<FrontEndOptions> = {}) => openFrontEnd(createFrontEnd, options)

  const rejection = async (work: Promise<unknown>) =>
    work.then(
      () => expect.unreachable('an error was expected'),
      (error: unknown) => error,
    )

  it('reads a list in three pages and gets each row exactly once', async () => {
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

  it('reports errors in the form of its library, with the error codes of the gateway', async () => {
    const { query } = await frontEnd()
    const anonymous = await frontEnd({ authorization: undefined })
    expect(codesOf(await rejection(query(TOO_MANY)))).toEqual(['BAD_USER_INPUT'])
    expect(codesOf(await rejection(query(MISSPELT)))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(codesOf(await rejection(anonymous.query(COUNT)))).toEqual(['UNAUTHENTICATED'])
  })

  it('learns from an error code that its access token is invalid', async () => {
    const { query } = await frontEnd({ authorization: 'Bearer forged' })
    expect(codesOf(await rejection(query(COUNT)))).toEqual(['UNAUTHENTICATED'])
  })
})

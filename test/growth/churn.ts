import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { Random } from '#src/market/seed/random.ts'
import { Client } from '../../bench/http/client.ts'
import { tokenFor } from '../e2e/gateway.ts'

export interface ChurnOptions {
  readonly url: string
  readonly query: (statement: string, parameters: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
  readonly clients: number
  readonly seed: number
}

export interface Churn {
  /** Number of requests that were answered until now. */
  readonly answered: number
  /** Number of tenants and users that were added until now. */
  readonly tenants: number
  /** Sentences about answers with a status of 500 or more, and about failed writes. */
  readonly problems: readonly string[]
  /** Ends the requests. Resolves when all have been answered. @throws the first error of a client. */
  stop(): Promise<void>
}

interface Member {
  readonly principal: Principal
  readonly campaign: string
}

interface Payload {
  readonly data?: Readonly<Record<string, { readonly campaign?: { readonly id: string } | null } | null>> | null
}

const MAX_PROBLEMS = 10
/** Number of requests in a row for one new operation. They are enough to take the row of an operation that is used less. */
const BURST = 9
const ADDED = `with tenant as (insert into tenants (id, name, currency) values ($1, $1, 'USD') returning id),
  person as (insert into users (tenant_id, email, name, role) select id, 'a@' || $1 || '.test', 'A', 'ADMIN' from tenant returning id, tenant_id)
  insert into campaigns (tenant_id, name, owner_id, budget_minor, keywords, tlds, patterns)
  select tenant_id, 'First', id, 1000, '{roof}', '{com}', '{}' from person returning id, owner_id`
const USER = "insert into users (tenant_id, email, name, role) values ($1, $2, 'B', 'VIEWER') returning id"
const CREATE = 'mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) { campaign { id } errors { code } } }'
const UPDATE = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id version } errors { code } } }'

/**
 * Sends requests to a gateway, of which almost each has something that never occurred before: the name or the text of an operation, an
 * argument, a tenant, a user, a campaign, a field that does not exist, or a token that is not valid.
 */
export async function startChurn({ url, query, clients, seed }: ChurnOptions): Promise<Churn> {
  const client = new Client()
  const random = new Random(`churn ${seed}`)
  const problems: string[] = []
  const newest: Member[] = []
  let number = 0
  let answered = 0
  let tenants = 0
  let isOver = false

  const ask = async (principal: Principal | string, body: Readonly<Record<string, unknown>>): Promise<Payload> => {
    const authorization = `Bearer ${typeof principal === 'string' ? principal : await tokenFor(principal)}`
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)), authorization }
    const { status, bytes } = await client.ask(url, { method: 'POST', path: '/graphql', headers, body: text })
    answered++
    if (status >= 500 && problems.length < MAX_PROBLEMS) problems.push(`status ${status} for ${text}: ${bytes}`)
    return JSON.parse(bytes.toString()) as Payload
  }
  const write = async (principal: Principal, body: Readonly<Record<string, unknown>>) => {
    const answer = await ask(principal, body)
    const written = Object.values(answer.data ?? {}).every((payload) => payload?.campaign)
    if (!(answer.data && written) && problems.length < MAX_PROBLEMS)
      problems.push(`expected a campaign for ${JSON.stringify(body)}, got ${JSON.stringify(answer)}`)
  }
  const addTenant = async (id: number): Promise<void> => {
    const [row] = await query(ADDED, [`churn${id}`])
    const principal: Principal = { tenant: `churn${id}`, userId: String(row?.['owner_id']), role: 'ADMIN' }
    newest.push({ principal, campaign: toGlobalId('Campaign', Number(row?.['id'])) })
    if (newest.length > 20) newest.shift()
    tenants++
  }
  const kinds: readonly ((id: number, member: Member) => Promise<unknown>)[] = [
    (id, { principal }) => ask(principal, { query: `query Name${id} { campaigns(first: 5) { nodes { id name domainCount } } }` }),
    (id, { principal }) => ask(principal, { query: `{ text${id}: campaigns(first: 3) { nodes { id status } } }` }),
    (id, { principal }) => ask(principal, { query: '{ domainByName(name: "new.com") { id } }'.replace('new', `new${id}`) }),
    (id, { principal }) =>
      ask(principal, {
        query: 'query Words($query: String!) { searchDomains(query: $query, first: 3) { nodes { id } } }',
        variables: { query: `word${id}` },
      }),
    async (id, { principal, campaign }) => {
      const fields = `calls${id}: calls(first: 2) { nodes { id } totalCount } live${id}: domainCount(status: LIVE) statistics { calls bids }`
      await ask(principal, {
        query: `query Fields${id} { campaign(id: "${campaign}") { name owner { name } ${fields} } buyers { totalCount } }`,
      })
    },
    async (id, { principal }) => {
      for (let turn = 0; turn < BURST; turn++) await ask(principal, { query: `query Burst${id} { viewer { role } }` })
    },
    async (id, { principal: { tenant } }) => {
      const [user] = await query(USER, [tenant, `user${id}@churn.test`])
      const viewer: Principal = { tenant, userId: String(user?.['id']), role: 'VIEWER' }
      await ask(viewer, { query: '{ viewer { user { id } tenant { id } } campaigns(first: 2) { nodes { id } } }' })
    },
    (id) => addTenant(id),
    (id, { principal }) => {
      const input = { name: `Campaign ${id}`, budget: { amount: 100, currency: 'USD' }, keywords: [`word${id}`] }
      return write(principal, { query: CREATE, variables: { input } })
    },
    (id, { principal, campaign }) => {
      // The version is often an old one: the answer is then the campaign as it is, with the code CONFLICT.
      const input = { id: campaign, version: random.integer(1, 3), name: `Renamed ${id}` }
      return write(principal, { query: UPDATE, variables: { input } })
    },
    (id, { principal }) => ask(principal, { query: `{ noField${id} }` }),
    (id, { principal }) => ask(principal, { operationName: `Nobody${id}`, query: 'query Somebody { viewer { role } }' }),
    (id) => ask(`token${id}`, { query: '{ viewer { role } }' }),
  ]
  await addTenant(number++)
  const running = Array.from({ length: clients }, async () => {
    while (!isOver) await random.pick(kinds)(number++, random.pick(newest))
  })
  const ended = Promise.all(running)
  // An error is thrown by `stop`.
  ended.catch(() => undefined)
  return {
    get answered() {
      return answered
    },
    get tenants() {
      return tenants
    },
    problems,
    stop: async () => {
      isOver = true
      await ended.finally(() => client.close())
    },
  }
}

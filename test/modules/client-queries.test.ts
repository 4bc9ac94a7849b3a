import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { type Data, startWholeGateway, type WholeGateway } from './whole-gateway.ts'

const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8')
/** The queries that the page shows, with their names and the lowest role that may send them. */
const queries = [...page.matchAll(/^```graphql\n(?:# (?<role>[A-Z]+)\n)?(?<text>query (?<name>\w+)[\s\S]*?)^```$/gm)].map(({ groups }) => ({
  name: groups?.['name'] as string,
  role: (groups?.['role'] ?? 'VIEWER') as Role,
  text: groups?.['text'] as string,
}))
const roleBelow: Partial<Record<Role, Role>> = { ADMIN: 'EDITOR', EDITOR: 'VIEWER' }
const DAY = 86_400_000

let gateway: WholeGateway
let variables: Readonly<Record<string, unknown>>

beforeAll(async () => {
  gateway = await startWholeGateway({ seed: true })
  const { rows } = await sql<{ user: string; campaign: string; campaignId: number; buyerId: number }>`
    select
      (select name from users where tenant_id = 'acme' order by id limit 1) as "user",
      c.name as campaign,
      c.id as "campaignId",
      (select id from buyers where tenant_id = 'acme' and jsonb_array_length(caps) > 0 order by id limit 1) as "buyerId"
    from campaigns c
    where tenant_id = 'acme' and status = 'ACTIVE' and starts_at < now()
      and exists (select from domains d where d.campaign_id = c.id and d.status = 'LIVE')
    order by c.id limit 1
  `.execute(gateway.db)
  const [found] = rows
  variables = {
    typed: found?.user.slice(0, 3),
    search: found?.campaign,
    campaign: toGlobalId('Campaign', found?.campaignId ?? 0),
    buyer: toGlobalId('Buyer', found?.buyerId ?? 0),
    from: new Date(Date.now() - 390 * DAY).toISOString(),
    before: new Date(Date.now()).toISOString(),
    cursor: null,
  }
})
afterAll(() => gateway?.close())

const ask = (text: string, role: Role, changed: Data = {}) =>
  gateway.ask(text, { tenant: 'acme', role, userId: '1' }, { ...variables, ...changed })

/** Asks twice. Returns both answers, and where the second one came from. */
async function askTwice(text: string, role: Role) {
  const first = await ask(text, role)
  gateway.statements()
  const second = await ask(text, role)
  const source = { cache: second.headers.get('x-cache'), statements: gateway.statements() }
  return { first, second, source }
}

/** Returns the number of rows of each list in an answer. */
function rowCounts(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return []
  return [...(Array.isArray(value) ? [value.length] : []), ...Object.values(value).flatMap(rowCounts)]
}

describe('the queries of docs/clients.md', () => {
  it('are all found by this test', () => {
    expect(queries.map(({ text }) => text)).toHaveLength(page.split('\n```graphql\n').length - 1)
    expect(queries.length).toBeGreaterThan(8)
  })

  it.each(queries)('include $name, which has rows and no errors, and which the cache answers the second time', async ({ text, role }) => {
    const { first, second, source } = await askTwice(text, role)
    expect(first.errors).toEqual([])
    expect(source).toEqual({ cache: 'HIT', statements: [] })
    expect(second.data).toEqual(first.data)
    expect(Math.max(...rowCounts(first.data))).toBeGreaterThan(0)
  })

  it.each(queries.filter(({ role }) => role !== 'VIEWER'))('include $name, which a lower role than $role may not send', async ({
    text,
    role,
  }) => {
    const { errors } = await ask(text, roleBelow[role] as Role)
    expect(errors.length).toBeGreaterThan(0)
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['FORBIDDEN']))
  })

  it('include a search for users that may be left out, but not be empty', async () => {
    const { text } = queries.find(({ name }) => name === 'OwnerPicker') as (typeof queries)[number]
    expect((await ask(text, 'VIEWER', { typed: null })).data['users'].nodes.length).toBeGreaterThan(0)
    expect((await ask(text, 'VIEWER', { typed: '' })).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it('include the last page of a list, whose start is the end of the page before', async () => {
    const { text } = queries.find(({ name }) => name === 'LastPage') as (typeof queries)[number]
    const last = (await ask(text, 'VIEWER')).data['calls']
    const earlier = (await ask(text, 'VIEWER', { cursor: last.pageInfo.startCursor })).data['calls']
    const { data } = await ask('{ calls(last: 40) { nodes { id } } }', 'VIEWER')
    expect([...earlier.nodes, ...last.nodes].map(({ id }) => ({ id }))).toEqual(data['calls'].nodes)
  })

  it('would fail this test if they selected a field that bypasses the cache', async () => {
    const { first, source } = await askTwice('{ users(first: 1) { nodes { role } } }', 'VIEWER')
    expect(first.errors).toEqual([])
    expect(source).toEqual({ cache: 'MISS', statements: expect.arrayContaining([expect.stringContaining('users')]) })
  })
})

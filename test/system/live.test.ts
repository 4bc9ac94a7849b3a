import { createClient } from 'graphql-sse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

interface Seen {
  readonly name: string
  readonly version: number
}

let database: TestDatabase
let processes: readonly [Gateway, Gateway]
/** Global id of a campaign, and the key of its row. */
let campaign: { readonly id: string; readonly key: unknown }

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  const env = { DATABASE_URL: database.url }
  processes = await Promise.all([startGateway(env), startGateway(env)])
  const [row] = await database.query(`select id, name from campaigns where tenant_id = 'acme' order by id limit 1`)
  const { data } = await processes[0].ask('{ campaigns(first: 100) { nodes { id name } } }')
  const node = data?.['campaigns'].nodes.find(({ name }: Seen) => name === row?.['name'])
  campaign = { id: node.id, key: row?.['id'] }
})

afterAll(async () => {
  await Promise.all((processes ?? []).map((gateway) => gateway.stop()))
  await database?.drop()
})

/** Opens a live query at the process that `process` returns, and waits for names of the campaign. */
async function watch(process: () => Gateway) {
  const authorization = `Bearer ${await tokenFor(admin)}`
  const client = createClient({ url: () => `${process().url}/graphql`, headers: { authorization }, retry: async () => undefined })
  const seen: Seen[] = []
  let onSeen: () => void = () => undefined
  const query = 'query Watched($id: ID!) @live { campaign(id: $id) { name version } }'
  const next = ({ data }: { data?: { campaign: Seen } | null }) => {
    if (data) seen.push(data.campaign)
    onSeen()
  }
  client.subscribe<{ campaign: Seen }>(
    { query, variables: { id: campaign.id } },
    { next, error: () => undefined, complete: () => undefined },
  )
  return {
    seen,
    async until(name: string): Promise<void> {
      while (!seen.some((one) => one.name === name))
        await new Promise<void>((resolve) => {
          onSeen = resolve
        })
    },
    leave: () => client.dispose(),
  }
}

describe('live queries of two processes with one database', () => {
  it('A live query shows what another process wrote, and what another program wrote past both', async () => {
    const watched = await watch(() => processes[0])
    while (watched.seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const { version } = watched.seen[0] as Seen
    const rename = 'mutation R($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { code } } }'
    const { data } = await processes[1].ask(rename, { variables: { input: { id: campaign.id, version, name: 'Renamed by a mutation' } } })
    expect(data?.['updateCampaign'].errors).toEqual([])
    await watched.until('Renamed by a mutation')
    await database.query('update campaigns set name = $1 where id = $2', ['Renamed by psql', campaign.key])
    await watched.until('Renamed by psql')
    watched.leave()
  })

  it('When its process stops, the client of graphql-sse continues at another one', async () => {
    const leaving = await startGateway({ DATABASE_URL: database.url })
    let current = leaving
    const watched = await watch(() => current)
    while (watched.seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
    current = processes[1]
    await leaving.stop()
    await database.query('update campaigns set name = $1 where id = $2', ['Renamed after the stop', campaign.key])
    await watched.until('Renamed after the stop')
    watched.leave()
  })
})

/**
 * Measures the cost of acknowledging a write only after all workers of a gateway instance have applied it: `npx node bench/workers.ts`. Two
 * gateways use the same database. One has one worker, the other has two workers. In each round, each gateway first gets a mutation. Then it
 * gets a read of the written row, on a new connection and without a consistency token. The script prints the latency of the mutations, and
 * how many reads returned an older value.
 *
 *     --tries n   number of writes to each gateway (default 1,000)
 *
 * The script needs the same programs and servers as bench:http.
 */
import { parseArgs } from 'node:util'
import { Client, post } from './http/client.ts'
import { openPlace, type Place } from './http/database.ts'
import { launch, type Started } from './http/launch.ts'

const WORKERS = [1, 2]
const TENANT_CAMPAIGN = '{ campaigns(first: 1) { nodes { id version } } }'
const RENAME = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { version } errors { code message } } }'

/** Data of the responses to the three operations. Each response has only one of these fields. */
interface Answers {
  readonly campaigns: { readonly nodes: readonly { readonly id: string; readonly version: number }[] }
  readonly updateCampaign: { readonly campaign: { readonly version: number } }
  readonly campaign: { readonly name: string }
}

const { values } = parseArgs({ options: { tries: { type: 'string', default: '1000' } } })
const tries = Number(values.tries)

const place = await openPlace()
const gateways: { readonly workers: number; readonly server: Started; readonly latencies: number[]; old: number }[] = []
try {
  for (const workers of WORKERS) {
    const env = { ...place.env, WORKERS: String(workers) }
    gateways.push({ workers, server: await launch({ script: 'src/main.ts', env }), latencies: [], old: 0 })
  }
  await measure(place)
} finally {
  await Promise.all(gateways.map(({ server }) => server.stop()))
  await place.close()
}

process.stdout.write(
  '| workers | mutation median, ms | p99, ms | reads without token on a new connection that were old |\n|---|---|---|---|\n',
)
for (const { workers, latencies, old } of gateways)
  process.stdout.write(`| ${workers} | ${quantile(latencies, 0.5)} | ${quantile(latencies, 0.99)} | ${old} of ${latencies.length} |\n`)

async function measure({ authorization }: Place): Promise<void> {
  const admin = await authorization('ADMIN')
  const writer = new Client()
  const ask = async (client: Client, url: string, query: string, variables?: Record<string, unknown>) => {
    const answer = await client.ask(url, post({ query, ...(variables ? { variables } : {}) }, admin))
    return { ms: answer.ms, data: answer.data() as Answers }
  }
  const [first] = gateways
  if (!first) return
  const { data } = await ask(writer, first.server.url, TENANT_CAMPAIGN)
  const [campaign] = data.campaigns.nodes
  if (!campaign) throw new Error('Expected a campaign in the sample data, found none.')
  const { id } = campaign
  let { version } = campaign
  for (let round = 0; round < tries; round++) {
    for (const gateway of gateways) {
      const { url } = gateway.server
      const name = `round ${round} with ${gateway.workers}`
      const written = await ask(writer, url, RENAME, { input: { id, version, name } })
      version = written.data.updateCampaign.campaign.version
      gateway.latencies.push(written.ms)
      const reader = new Client()
      const read = await ask(reader, url, `{ campaign(id: "${id}") { name } }`)
      reader.close()
      if (read.data.campaign.name !== name) gateway.old++
    }
  }
  writer.close()
}

function quantile(numbers: readonly number[], share: number): string {
  const sorted = [...numbers].sort((a, b) => a - b)
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2)
}

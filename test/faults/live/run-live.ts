import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { Random } from '#src/market/seed/random.ts'
import { type Gateway, startGateway, tokenFor } from '../../e2e/gateway.ts'
import { addTenants } from '../event-flood/flood-data.ts'
import type { FaultContext, FaultResult } from '../fault.ts'
import { createFaultDatabase, type FaultDatabase } from '../fault-database.ts'
import { History } from '../history.ts'
import { startLink } from '../link.ts'
import { caughtUp, openPromoted } from '../standby.ts'
import { until } from '../until.ts'
import { campaignRows, nameCampaigns, writeCampaigns } from './campaign-writer.ts'
import { Watcher } from './watcher.ts'

const PROCESSES = [0, 1]
const CAMPAIGNS = 10
const WRITES_PER_SECOND = 20
/** Time after a COMMIT after which no unmarked result may be older, ms. It contains the execution and the way to the client. */
const BOUND_MS = 3000
/** Time within which all streams must show the last state, ms. It contains new connections, and the start of a killed process. */
const LAST_STATE_MS = 15_000

/**
 * Runs fault F32: live queries of two processes, through a stop, a kill, and a failover that loses committed writes.
 * @param release Folder of the program; undefined for this checkout.
 */
export async function runLive(context: FaultContext, release?: string): Promise<FaultResult> {
  const [primary, redis] = await Promise.all([context.postgres(), context.redis()])
  const database = await createFaultDatabase(primary.url, 'live')
  context.defer(() => database.close())
  const [replication, address] = await Promise.all([startLink(primary.port), startLink(primary.port)])
  context.defer(() => Promise.all([replication.close(), address.close()]))
  const random = new Random(`live queries ${context.seed}`)
  const tenants = await addTenants(database, 2, CAMPAIGNS)
  await nameCampaigns(database, random)
  const starting = primary.startStandby(replication.port)
  context.defer(() => starting.then((server) => server.stop()))
  const standby = await starting

  const gateways: Gateway[] = []
  context.defer(() => Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL'))))
  const streamsPerProcess = context.quick ? 40 : 400
  const limit = String(streamsPerProcess * PROCESSES.length)
  const start = () =>
    startGateway(
      {
        DATABASE_URL: database.urlThrough(address.port),
        REDIS_URL: redis.url,
        LIVE_MAX_STREAMS: limit,
        LIVE_MAX_STREAMS_PER_CALLER: limit,
        DRAIN_SECONDS: '0',
      },
      release,
    )
  gateways.push(await start(), await start())

  const history = new History(BOUND_MS)
  const problems: string[] = []
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
  const watchers: Watcher[] = []
  context.defer(async () => {
    for (const { subscriber } of watchers) subscriber.close()
    agent.destroy()
  })
  const tokens = await Promise.all(tenants.map(({ name, userId }) => tokenFor({ tenant: name, userId, role: 'ADMIN' })))
  for (const instance of PROCESSES)
    for (let index = 0; index < streamsPerProcess; index++) {
      const tenant = tenants[index % tenants.length] as (typeof tenants)[number]
      const { id } = tenant.campaigns[Math.floor(index / tenants.length) % CAMPAIGNS] as (typeof tenant.campaigns)[number]
      watchers.push(
        new Watcher({
          agent,
          url: () => (gateways[instance] as Gateway).url,
          authorization: `Bearer ${tokens[index % tenants.length]}`,
          tenant: tenant.name,
          id,
          globalId: toGlobalId('Campaign', id),
          instance,
          history,
          onAnomaly: (description) => problems.push(description),
        }),
      )
    }
  for (const { subscriber } of watchers) subscriber.open()
  const allShow = (of: FaultDatabase, what: string) => shown(watchers, of, what)
  await allShow(database, 'the first state')

  const writing = (to: FaultDatabase, quickMs: number) =>
    writeCampaigns({ database: to, history, random, forMs: context.quick ? quickMs : 10_000, perSecond: WRITES_PER_SECOND })
  const replace = async (index: number, signal: NodeJS.Signals) => {
    const leaving = gateways[index] as Gateway
    // Until the new process is ready, its clients connect to the other one.
    gateways[index] = gateways[1 - index] as Gateway
    await leaving.stop(signal)
    gateways[index] = await start()
  }
  let writes = await writing(database, 1000)
  writes += (await Promise.all([writing(database, 3000), replace(0, 'SIGTERM')]))[0]
  writes += (await Promise.all([writing(database, 3000), replace(1, 'SIGKILL')]))[0]
  const restartMs = await allShow(database, 'the last state after the restarts')

  await caughtUp(database, standby)
  replication.mode = 'refuse'
  replication.cut()
  writes += await writing(database, 1000)
  await allShow(database, 'the state that the failover loses')
  await primary.halt('SIGKILL')
  await standby.promote()
  const promoted = await openPromoted(context, database, standby.port)
  const survived = await campaignRows(promoted)
  const lost = history.rewind(survived)
  assert.ok(lost > 0, 'committed writes were lost')
  for (const row of survived) for (const watcher of watchers) if (watcher.key === `${row.tenant}/${row.id}`) watcher.rewind(row)
  address.target = standby.port
  address.cut()
  const recoveryMs = await allShow(promoted, 'the state that survived')
  writes += await writing(promoted, 2000)
  await allShow(promoted, 'the last state after the failover')

  return {
    operations: history.operations,
    anomalies: problems.length + history.anomalyCount,
    firstAnomalies: [...problems, ...history.anomalies].slice(0, 10),
    recoveryMs,
    figures: {
      streams: watchers.length,
      writes,
      'writes lost': lost,
      results: watchers.reduce((sum, { results }) => sum + results, 0),
      'results marked as stale': watchers.reduce((sum, { staleResults }) => sum + staleResults, 0),
      reconnects: watchers.reduce((sum, { subscriber }) => sum + subscriber.connections - 1, 0),
      'last state after the restarts, ms': Math.round(restartMs),
    },
  }
}

/**
 * Waits until the newest result of each stream is the row in the database.
 * @returns the time until then, ms.
 * @throws AssertionError that names the streams that show another state in the end.
 */
async function shown(watchers: readonly Watcher[], database: FaultDatabase, what: string): Promise<number> {
  const rows = new Map((await campaignRows(database)).map((row) => [`${row.tenant}/${row.id}`, row.payload]))
  const others = () => watchers.filter(({ key, payload }) => payload !== rows.get(key))
  return until(async () => others().length === 0, LAST_STATE_MS, `each stream shows ${what}`).catch((cause: unknown) => {
    const examples = others().slice(0, 3)
    const told = examples.map(({ key, payload }) => `${key} shows ${payload}, the database holds ${rows.get(key)}`)
    throw new assert.AssertionError({ message: `${(cause as Error).message}, ${others().length} do not: ${told.join('; ')}` })
  })
}

/**
 * Measures live queries over HTTP: `npm run bench:live [-- --streams 1000] [--seconds 30] [--rate 10] [--json file]`.
 * Two processes serve streams of one operation, each to half of the clients. Another program writes to the watched row with plain SQL, `rate` times a second. After a third of
 * `seconds` the first process is stopped and replaced, a third later the second one is killed and replaced, and the writes go on for another third. Clients of a process that ended connect to
 * the other one, with the token of their last event. Prints the time from before the COMMIT until a stream shows the write or a later one, apart for writes during the restarts, and the executions.
 * Fails if a stream does not end with the last write, or goes back in time.
 * Needs PostgreSQL (DATABASE_URL), Redis (REDIS_URL) and taskset. The processes share one core, and the clients have another one.
 */
import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { quantile, rounded } from '../cache/measure.ts'
import { Client, post } from '../http/client.ts'
import { openPlace, type Place } from '../http/database.ts'
import { launch, type Started } from '../http/launch.ts'
import { type LiveResult, Subscriber } from './subscriber.ts'

/** A write, and the time directly before it was sent, by the clock of `performance.now()`, ms. */
interface Write {
  readonly version: number
  readonly at: number
}

/** A process that ended, from the signal until the process that replaced it was ready, by the clock of `performance.now()`, ms. */
interface Restart {
  readonly from: number
  readonly to: number
}

/** One stream, and the results that it showed. */
interface Watcher {
  readonly subscriber: Subscriber
  /** The time is that of arrival, by the clock of `performance.now()`, ms. */
  readonly shown: { readonly version: number; readonly at: number }[]
}

interface Watched {
  readonly campaign: { readonly version: number }
}

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
})
const streams = Number(values.streams)
const seconds = Number(values.seconds)
const rate = Number(values.rate)
const QUERY = 'query Watched($id: ID!) @live { campaign(id: $id) { version } }'
/** Time after the last write within which each stream must show it, ms. */
const LAST_STATE_MS = 15_000
/** A write belongs to a restart from this time before it until this time after it, ms. */
const BESIDE_RESTART_MS = 1000
const EXECUTIONS = /^tidegate_live_executions_total\{[^}]*result="changed"[^}]*\} (\d+)$/gm

const place = await openPlace()
const running: Started[] = []
const watchers: Watcher[] = []
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
try {
  const figures = await measure(place)
  process.stdout.write(textOf(figures))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`)
} finally {
  for (const { subscriber } of watchers) subscriber.close()
  agent.destroy()
  for (const server of running) await server.stop()
  await place.close()
}

async function measure({ env, databaseUrl, authorization }: Place) {
  const start = () =>
    launch({ script: 'src/main.ts', env: { ...env, LIVE_MAX_STREAMS: String(streams), LIVE_MAX_STREAMS_PER_CALLER: String(streams) } })
  running.push(await start(), await start())
  const token = await authorization('VIEWER')
  const { url } = running[0] as Started
  const client = new Client()
  const campaigns = await client.ask(url, post({ query: '{ campaigns(first: 1) { nodes { id } } }' }, token))
  client.close()
  const { id } = (campaigns.data() as { campaigns: { nodes: [{ id: string }] } }).campaigns.nodes[0]
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  try {
    const newest = `select id from campaigns where tenant_id = 'acme' order by created_at desc, id desc limit 1`
    const body = JSON.stringify({ query: QUERY, variables: { id } })
    for (let index = 0; index < streams; index++) {
      const address = () => (running[index % running.length] as Started).url
      const shown: Watcher['shown'] = []
      const onResult = ({ data }: LiveResult) => void shown.push({ version: (data as Watched).campaign.version, at: performance.now() })
      watchers.push({ shown, subscriber: new Subscriber({ agent, url: address, authorization: token, body, onResult }) })
    }
    for (const { subscriber } of watchers) subscriber.open()
    await until(() => watchers.every(({ shown }) => shown.length > 0), 'a first result on each stream')

    const over = new AbortController()
    const [writes, { restarts, executions: earlier }] = await Promise.all([
      writeUntil(over.signal, database, newest),
      restartBoth(start).finally(() => over.abort()),
    ])
    const last = writes.at(-1)?.version
    await until(() => watchers.every(({ shown }) => shown.at(-1)?.version === last), `version ${last} as the last one on each stream`)
    const later = await Promise.all(running.map(executionsOf))
    return figuresOf(writes, restarts, earlier + later.reduce((sum, count) => sum + count, 0))
  } finally {
    await database.end()
  }
}

/** Writes to a row at the wanted rate. @param row SQL for the id of the row. */
async function writeUntil(over: AbortSignal, database: pg.Client, row: string): Promise<readonly Write[]> {
  const writes: Write[] = []
  const begin = performance.now()
  for (let count = 0; !over.aborted; count++) {
    await pause(Math.max(0, begin + (count * 1000) / rate - performance.now()))
    const at = performance.now()
    const { rows } = await database.query(`update campaigns set version = version + 1 where id = (${row}) returning version`)
    writes.push({ version: Number(rows[0].version), at })
  }
  return writes
}

/** Stops the first process and kills the second one, and replaces them, with a third of `seconds` before, between and after. */
async function restartBoth(start: () => Promise<Started>): Promise<{ readonly restarts: readonly Restart[]; readonly executions: number }> {
  const restarts: Restart[] = []
  let executions = 0
  await pause((seconds * 1000) / 3)
  for (const index of [0, 1]) {
    const leaving = running[index] as Started
    executions += await executionsOf(leaving)
    const from = performance.now()
    // Until the new process is ready, its clients connect to the other one.
    running[index] = running[1 - index] as Started
    await leaving.stop(index === 0 ? 'SIGTERM' : 'SIGKILL')
    running[index] = await start()
    restarts.push({ from, to: performance.now() })
    await pause((seconds * 1000) / 3)
  }
  return { restarts, executions }
}

/** Returns the time from each of the writes until each stream showed it or a later one, ms. */
function delaysOf(writes: readonly Write[]): readonly number[] {
  return watchers.flatMap(({ shown }) => {
    let next = 0
    return writes.map(({ version, at }) => {
      while ((shown[next]?.version ?? Number.POSITIVE_INFINITY) < version) next++
      return (shown[next]?.at ?? Number.POSITIVE_INFINITY) - at
    })
  })
}

function latencyOf(writes: readonly Write[]) {
  const delays = delaysOf(writes)
  return {
    writes: writes.length,
    p50Ms: quantile(delays, 0.5),
    p99Ms: quantile(delays, 0.99),
    highestMs: delays.reduce((most, delay) => Math.max(most, delay), 0),
  }
}

function figuresOf(writes: readonly Write[], restarts: readonly Restart[], executions: number) {
  const isBeside = ({ at }: Write) => restarts.some(({ from, to }) => at > from - BESIDE_RESTART_MS && at < to + BESIDE_RESTART_MS)
  const isBackwards = ({ version }: { readonly version: number }, index: number, all: Watcher['shown']) =>
    version < (all[index - 1]?.version ?? 0)
  const backwards = watchers.reduce((sum, { shown }) => sum + shown.filter(isBackwards).length, 0)
  if (backwards > 0)
    throw new Error(`Expected that no stream goes back in time, got ${backwards} results that were older than the one before them.`)
  return {
    streams,
    writes: writes.length,
    executions,
    reconnects: watchers.reduce((sum, { subscriber }) => sum + subscriber.connections - 1, 0),
    results: watchers.reduce((sum, { shown }) => sum + shown.length, 0),
    quiet: latencyOf(writes.filter((write) => !isBeside(write))),
    duringRestarts: latencyOf(writes.filter(isBeside)),
  }
}

function textOf({ executions, writes, reconnects, results, quiet, duringRestarts }: ReturnType<typeof figuresOf>): string {
  const latency = ({ writes: count, p50Ms, p99Ms, highestMs }: ReturnType<typeof latencyOf>) =>
    `${count} writes: p50 ${rounded(p50Ms)} ms, p99 ${rounded(p99Ms)} ms, highest ${rounded(highestMs)} ms`
  return [
    `${streams} streams of one operation on two processes, ${writes} writes by SQL, ${rate} a second; one process was stopped and one was killed.`,
    `Executions that brought a new result, of both processes: ${executions}. Results: ${results}. Connections after the first ones: ${reconnects}.`,
    'From before the COMMIT until a stream shows the write:',
    `  away from the restarts: ${latency(quiet)}`,
    `  during the restarts:    ${latency(duringRestarts)}`,
    'Each stream ended with the last write, and none went back in time.',
    '',
  ].join('\n')
}

async function executionsOf({ url }: Started): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  return [...text.matchAll(EXECUTIONS)].reduce((sum, [, count]) => sum + Number(count), 0)
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = performance.now() + LAST_STATE_MS
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`Expected ${what} within ${LAST_STATE_MS} ms.`)
    await pause(20)
  }
}

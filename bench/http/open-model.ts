import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../cache/measure.ts'
import { type Case, hotOperation, nameOf } from './cases.ts'
import { Client, post, type Question } from './client.ts'
import { contestantNamed } from './contestants.ts'
import { flush, type Place } from './database.ts'
import { launch, type Started } from './launch.ts'
import { startLimitServer, type Terms } from './pairing.ts'

/** Latencies of one server at a rate of requests that does not depend on its answers; medians over the rounds, ms. */
export interface Latencies {
  readonly name: string
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** Requests a second. Each server with a cache can answer twice as many. */
export const OPEN_RATE = 1000
const KASE: Case = { temperature: 'hot', size: 'list', method: 'post' }
const ENTRANTS = [
  'tidegate',
  'Apollo Server, response cache, memory',
  'Yoga, response cache, memory',
  'Mercurius with JIT, cache of the tree, memory',
]
const WARM_UP_SECONDS = 2

/**
 * Measures latencies in an open model: requests come by chance (a Poisson process), and each latency begins when the request was due. So a
 * server that stalls gets as many requests as one that does not. wrk, which measures the other cases, waits for answers.
 */
export async function measureOpenModel(place: Place, reference: Buffer, terms: Terms): Promise<readonly Latencies[]> {
  await flush(place.redisUrl)
  const question = post(hotOperation(KASE.size), await place.authorization('VIEWER'))
  const servers: { readonly name: string; readonly server: Started }[] = []
  const client = new Client()
  try {
    servers.push({ name: 'node:http, same bytes', server: await startLimitServer(KASE, reference, terms.folder) })
    for (const name of ENTRANTS) servers.push({ name, server: await launch(contestantNamed(name).launch(place)) })
    for (const { server } of servers) await sendAtRate(client, server.url, question, WARM_UP_SECONDS)
    const rounds = new Map<string, number[][]>(servers.map(({ name }) => [name, []]))
    for (let round = 0; round < terms.rounds; round++)
      for (const { name, server } of servers) rounds.get(name)?.push(await sendAtRate(client, server.url, question, terms.seconds))
    return [...rounds].map(([name, ofServer]) => {
      const quantile = (share: number) => median(ofServer.map((sorted) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN))
      return { name, p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999) }
    })
  } finally {
    client.close()
    await Promise.all(servers.map(({ server }) => server.stop()))
  }
}

/** @returns the latencies of all requests, ascending, ms. @throws Error for an answer that is not 200. */
async function sendAtRate(client: Client, url: string, question: Question, seconds: number): Promise<number[]> {
  const latencies: number[] = []
  const sending: Promise<void>[] = []
  const send = async (dueAt: number) => {
    const { status } = await client.ask(url, question)
    if (status !== 200) throw new Error(`${nameOf(KASE)}: expected the status 200, got ${status}.`)
    latencies.push(performance.now() - dueAt)
  }
  const end = performance.now() + seconds * 1000
  for (let dueAt = performance.now(); dueAt < end; dueAt += (-Math.log(1 - Math.random()) * 1000) / OPEN_RATE) {
    const early = dueAt - performance.now()
    if (early > 0) await pause(Math.ceil(early))
    sending.push(send(dueAt))
  }
  await Promise.all(sending)
  return latencies.sort((one, other) => one - other)
}

import { isDeepStrictEqual } from 'node:util'
import { median } from '../cache/measure.ts'
import { type Contestant, coldOperation, hotOperation } from './cases.ts'
import { Client, post } from './client.ts'
import { contestantNamed } from './contestants.ts'
import { flush, type Place } from './database.ts'
import { launch, type Started } from './launch.ts'
import { openSlowDatabase, type SlowDatabase } from './slow-database.ts'

/** Results of a stampede: many concurrent requests for a value that is not cached yet. */
export interface Stampede {
  readonly name: string
  readonly processes: number
  /** Number of times that the root field was read from the database, for each round. */
  readonly loads: readonly number[]
  /** Median over the rounds of the time from the first request to the last response, ms. */
  readonly lastMs: number
  /** Number of wrong responses in all rounds together. */
  readonly wrong: number
}

export const STAMPEDE_REQUESTS = 500
export const STAMPEDE_LOAD_MS = 200

/** Matches the SQL statement that reads the list of campaigns. */
const ROOT_LIST = /from "campaigns".* limit /s

const ENTRANTS: readonly { readonly name: string; readonly processes: readonly number[] }[] = [
  { name: 'tidegate', processes: [1, 2] },
  { name: 'Apollo Server, response cache, memory', processes: [1] },
  { name: 'Apollo Server, response cache, Redis', processes: [2] },
  { name: 'Yoga, response cache, memory', processes: [1] },
  { name: 'Mercurius with JIT, cache of each field, memory', processes: [1] },
  { name: 'Mercurius with JIT, cache of the tree, Redis', processes: [1, 2] },
]

/** Measures the stampede on all servers. @param expected Data of the list, as read without any cache. */
export async function measureStampedes(place: Place, expected: unknown, rounds: number): Promise<readonly Stampede[]> {
  const slow = await openSlowDatabase(place.databaseUrl, ROOT_LIST, STAMPEDE_LOAD_MS)
  try {
    const slowPlace = { ...place, env: { ...place.env, DATABASE_URL: slow.url } }
    const results: Stampede[] = []
    for (const { name, processes } of ENTRANTS)
      for (const count of processes) results.push(await stampede(contestantNamed(name), count, slowPlace, slow, expected, rounds))
    return results
  } finally {
    await slow.close()
  }
}

async function stampede(contestant: Contestant, processes: number, place: Place, slow: SlowDatabase, expected: unknown, rounds: number) {
  await flush(place.redisUrl)
  const authorization = await place.authorization('VIEWER')
  const servers: Started[] = []
  const client = new Client()
  try {
    for (let count = 0; count < processes; count++) servers.push(await launch(contestant.launch(place)))
    for (const { url } of servers) await client.ask(url, post(hotOperation('list'), authorization))
    const loads: number[] = []
    const durations: number[] = []
    let wrong = 0
    for (let round = 0; round < rounds; round++) {
      const question = post(coldOperation('list', round), authorization)
      slow.takeCount()
      const started = performance.now()
      const asked = Array.from({ length: STAMPEDE_REQUESTS }, (_, index) =>
        client
          .ask(servers[index % processes]?.url ?? '', question)
          .then((answer) => answer.status === 200 && isDeepStrictEqual(answer.data(), expected))
          .catch(() => false),
      )
      const right = await Promise.all(asked)
      durations.push(performance.now() - started)
      loads.push(slow.takeCount())
      wrong += right.filter((isRight) => !isRight).length
    }
    return { name: contestant.name, processes, loads, lastMs: median(durations), wrong }
  } finally {
    client.close()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

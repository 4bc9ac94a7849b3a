import { deepStrictEqual } from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from '../cache/measure.ts'
import {
  type Case,
  type Contestant,
  coldBodies,
  coldOperation,
  drawnBodies,
  hotOperation,
  nameOf,
  newBodies,
  newOperation,
  newPages,
  OPERATIONS,
} from './cases.ts'
import { type Answer, Client, get, post, type Question } from './client.ts'
import { flush, type Place } from './database.ts'
import { launch, type Started } from './launch.ts'
import { type Load, measure, type Script, writeScript } from './load.ts'

export interface Terms {
  readonly rounds: number
  readonly seconds: number
  /** Folder for the script files of wrk, the load generator. */
  readonly folder: string
  /** Returns the data that tidegate sends without its cache. */
  readonly expected: (question: Question) => Promise<unknown>
}

/** Results of one server in one case: the median of each value over all rounds. */
export interface Measured {
  readonly name: string
  readonly requestsPerSecond: number
  /**
   * Throughput of the server, divided by the throughput of the limit (bare node:http). The limit is measured directly before and directly
   * after the server, and the mean of these two measurements is used.
   */
  readonly ratio: number
  readonly lowestRatio: number
  readonly highestRatio: number
  /** Median latency, ms. */
  readonly p50: number
  /** 99th percentile of the latency, ms. */
  readonly p99: number
  /** CPU time of the server per request, us. */
  readonly cpu: number
}

export interface CaseResult {
  readonly case: string
  /** Size of the response body that the limit (bare node:http) sends, bytes. */
  readonly bytes: number
  readonly servers: readonly Measured[]
}

interface Run extends Load {
  readonly cpu: number
  readonly ratio: number
}

export interface Runner {
  readonly name: string
  readonly takeTurn: (seconds: number) => Promise<Omit<Run, 'ratio'>>
  readonly stop: () => Promise<void>
}

/** Duration of the warm-up in which code is compiled, s. It is long, because slow servers answer only few requests during the warm-up. */
const WARM_UP_SECONDS = 3
/**
 * Number of operations that are reserved for one run. It is greater than the number of requests in a run, so that no two runs send the same
 * cold operation.
 */
const NUMBERS_OF_A_RUN = 2_000_000
/**
 * Number of attempts to get the expected response. The first attempts may fail, because a cache may lose its connection to Redis when the
 * machine stalls.
 */
const CHECKS = 5
/** Number of turns, with the warm-up, for which there are new rows. */
const RUNS_WITH_NEW_ROWS = 14
/** Number of tokens that requests carry in turn. */
const TOKENS = 200
const ASKED_AT_ONCE = 50
/** Maximum size of a response that has no body, bytes. */
const MAX_HEADER_BYTES = 1000

/**
 * Measures all servers in one case. In each round, each server is measured once, between two measurements of the limit (bare node:http).
 * @param reference Expected response: the bytes that tidegate sends without its cache.
 */
export async function runCase(
  kase: Case,
  contestants: readonly Contestant[],
  place: Place,
  reference: Buffer,
  terms: Terms,
): Promise<CaseResult> {
  const { rounds, seconds } = terms
  await flush(place.redisUrl)
  if (kase.temperature === 'new') await place.addNewRows()
  const runners: Runner[] = []
  try {
    const limit = await startLimit(kase, place, reference, terms)
    runners.push(limit, { ...limit, name: `${limit.name}, again`, stop: async () => undefined })
    if (kase.temperature === 'hot') runners.push(await startLimit(kase, place, reference, terms, true))
    for (const contestant of contestants) runners.push(await launchContestant(kase, contestant, place, terms))
    for (const runner of runners) await runner.takeTurn(WARM_UP_SECONDS)
    const runs = new Map<string, Run[]>(runners.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      let before = await limit.takeTurn(seconds)
      for (const runner of runners.slice(1)) {
        const measured = await runner.takeTurn(seconds)
        const after = await limit.takeTurn(seconds)
        const ratio = (2 * measured.requestsPerSecond) / (before.requestsPerSecond + after.requestsPerSecond)
        runs.get(runner.name)?.push({ ...measured, ratio })
        runs.get(limit.name)?.push({ ...after, ratio: 1 })
        before = after
      }
    }
    return {
      case: nameOf(kase),
      bytes: kase.method === '304' ? 0 : reference.length,
      servers: [...runs].map(([name, ofServer]) => summary(name, ofServer)),
    }
  } finally {
    await Promise.all(runners.map(({ stop }) => stop()))
  }
}

function summary(name: string, runs: readonly Run[]): Measured {
  const middle = (key: 'requestsPerSecond' | 'ratio' | 'p50' | 'p99' | 'cpu') => median(runs.map((run) => run[key]))
  const ratios = runs.map(({ ratio }) => ratio)
  return {
    name,
    requestsPerSecond: middle('requestsPerSecond'),
    ratio: middle('ratio'),
    lowestRatio: Math.min(...ratios),
    highestRatio: Math.max(...ratios),
    p50: middle('p50'),
    p99: middle('p99'),
    cpu: middle('cpu'),
  }
}

/** Starts a server that sends the same bytes to each request. @param isRaw Whether it is a net.Server that does not parse HTTP. */
export async function startLimitServer({ method }: Case, bytes: Buffer, folder: string, isRaw = false): Promise<Started> {
  const path = join(folder, 'limit.bytes')
  await writeFile(path, bytes)
  const args = ['--bytes', path, '--status', method === '304' ? '304' : '200', ...(isRaw ? ['--raw'] : [])]
  return launch({ script: 'bench/http/servers/limit.ts', args })
}

async function startLimit(kase: Case, place: Place, reference: Buffer, { folder }: Terms, isRaw = false): Promise<Runner> {
  const server = await startLimitServer(kase, reference, folder, isRaw)
  const script = join(folder, 'limit.lua')
  await writeScript(script, { ...questionOf(kase, await authorizationFor(kase, place), 0), ...(await changesOf(kase, place, 0)) })
  const name = isRaw ? 'net.Server, same bytes' : 'node:http, same bytes'
  return { name, takeTurn: (seconds) => measureWithCpu(server, script, seconds), stop: () => server.stop() }
}

/**
 * Starts a server under comparison. A measurement of the server (`takeTurn`) fails if a response differs from the reference, or does not
 * come from the cache layer that the case expects.
 */
export async function launchContestant(
  kase: Case,
  contestant: Contestant,
  place: Place,
  { folder, expected }: Pick<Terms, 'folder' | 'expected'>,
): Promise<Runner> {
  const server = await launch(contestant.launch(place))
  const client = new Client()
  const authorization = await authorizationFor(kase, place)
  const script = join(folder, `${contestant.name.replaceAll(/\W+/g, '-')}.lua`)
  const perRun = kase.temperature === 'new' ? Math.floor(newPages(kase.size) / RUNS_WITH_NEW_ROWS) : NUMBERS_OF_A_RUN
  let number = 0
  const ask = () => client.ask(server.url, questionOf(kase, authorization, number++))
  const check = async (condition: Question['headers'], attempt = 1): Promise<void> => {
    const question = questionOf(kase, authorization, number++)
    const answer = await client.ask(server.url, { ...question, headers: { ...question.headers, ...condition } })
    try {
      checkAnswer(kase, contestant, answer, await expected(question))
    } catch (error) {
      if (attempt === CHECKS) throw error
      await check(condition, attempt + 1)
    }
  }
  return {
    name: contestant.name,
    takeTurn: async (seconds) => {
      // This request fills the server's cache: the entry does not exist yet, or has expired since the last measurement.
      const { etag } = (await ask()).headers
      const condition = kase.method === '304' && etag !== undefined ? { 'if-none-match': etag } : {}
      await check(condition)
      const question = questionOf(kase, authorization, number)
      if (kase.variety === 'uniform' || kase.variety === 'zipf') await askEach(kase, client, server, authorization)
      await writeScript(script, { ...question, headers: { ...question.headers, ...condition }, ...(await changesOf(kase, place, number)) })
      number += perRun
      const load = await measureWithCpu(server, script, seconds)
      if (load.requests > perRun)
        throw new Error(`${contestant.name}: expected at most ${perRun} requests in a turn, got ${load.requests}: use fewer --seconds.`)
      if (kase.method === '304' && load.bytesPerAnswer > MAX_HEADER_BYTES)
        throw new Error(`${contestant.name}: expected responses with the status 304 and no body, got bodies.`)
      await check(condition)
      return load
    },
    stop: async () => {
      client.close()
      await server.stop()
    },
  }
}

async function measureWithCpu(server: Started, script: string, seconds: number): Promise<Omit<Run, 'ratio'>> {
  const before = await server.cpuTime()
  const load = await measure(server.url, script, seconds)
  return { ...load, cpu: ((await server.cpuTime()) - before) / load.requests }
}

function questionOf(kase: Case, authorization: string, number: number): Question {
  if (kase.temperature === 'cold') return withoutLength(post(coldOperation(kase.size, number), authorization))
  if (kase.temperature === 'new') return withoutLength(post(newOperation(kase.size, number), authorization))
  const operation = hotOperation(kase.size)
  return kase.method === 'post' ? withoutLength(post(operation, authorization)) : get(operation, authorization)
}

/** Removes the header Content-Length from a request, because wrk computes it. */
function withoutLength({ headers: { 'content-length': _, ...headers }, ...question }: Question): Question {
  return { ...question, headers }
}

function authorizationFor({ temperature }: Case, place: Place): Promise<string> {
  return place.authorization('VIEWER', temperature === 'new' ? 'new' : 'sample')
}

/** Returns what changes from one request to the next. */
async function changesOf(
  { temperature, size, variety }: Case,
  place: Place,
  number: number,
): Promise<Pick<Script, 'bodies' | 'field' | 'authorizations'>> {
  if (temperature === 'cold') return { bodies: coldBodies(size, number) }
  if (temperature === 'new') return { bodies: newBodies(size, number) }
  if (variety === 'fields') return { field: 'x-request-number' }
  if (variety === 'tokens')
    return {
      authorizations: await Promise.all(Array.from({ length: TOKENS }, (_, index) => place.authorization('VIEWER', 'sample', index))),
    }
  return variety ? { bodies: drawnBodies(size, variety) } : {}
}

/** Sends each of the operations that are drawn twice, so that a server with a cache has their answers. */
async function askEach(kase: Case, client: Client, { url }: Started, authorization: string): Promise<void> {
  for (let number = 0; number < OPERATIONS; number += ASKED_AT_ONCE)
    for (let time = 0; time < 2; time++)
      await Promise.all(
        Array.from({ length: ASKED_AT_ONCE }, (_, index) => client.ask(url, post(coldOperation(kase.size, number + index), authorization))),
      )
}

function checkAnswer(kase: Case, { name, level }: Contestant, answer: Answer, expected: unknown): void {
  const status = kase.method === '304' ? 304 : 200
  if (answer.status !== status)
    throw new Error(`${name}: expected a response with the status ${status}, got ${answer.status}: ${answer.bytes}`)
  if (status === 200)
    deepStrictEqual(answer.data(), expected, `${name}: expected the same data as tidegate sends without its cache, got other data.`)
  const wanted = kase.temperature === 'cold' || kase.temperature === 'new' ? 'MISS' : 'HIT'
  const { 'x-cache': verdict, 'x-cache-level': from } = answer.headers
  if (level === undefined) return
  if (verdict !== wanted) throw new Error(`${name}: expected X-Cache: ${wanted}, got ${verdict}.`)
  if (verdict === 'HIT' && from !== level) throw new Error(`${name}: expected X-Cache-Level: ${level}, got ${from}.`)
}

import { deepStrictEqual } from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from '../cache/measure.ts'
import { type Case, type Contestant, coldBodies, coldOperation, hotOperation, nameOf } from './cases.ts'
import { type Answer, Client, get, post, type Question } from './client.ts'
import { flush, type Place } from './database.ts'
import { launch, type Started } from './launch.ts'
import { type Load, measure, writeScript } from './load.ts'

export interface Terms {
  readonly rounds: number
  readonly seconds: number
  /** For what wrk reads. */
  readonly folder: string
}

/** Of one server in one case: medians of the rounds. */
export interface Measured {
  readonly name: string
  readonly requestsPerSecond: number
  /** To the mean of the limit's runs before and after. */
  readonly ratio: number
  readonly lowestRatio: number
  readonly highestRatio: number
  /** ms */
  readonly p50: number
  /** ms */
  readonly p99: number
  /** The server's, us a request. */
  readonly cpu: number
}

export interface CaseResult {
  readonly case: string
  /** Of the answer's body as the limit sends it. */
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

/** For the compiler: slow servers answer few requests in it. */
const WARM_UP_SECONDS = 3
/** More than a run asks. */
const NUMBERS_OF_A_RUN = 2_000_000
/** A cache may be without its Redis for a moment when the machine stood still. */
const CHECKS = 5
/** An answer without body is headers only. */
const MOST_HEADER_BYTES = 1000

/**
 * Measures all servers of a case in turns, each between two runs of the limit.
 * @param reference What the database says: the bytes of tidegate's answer without its cache.
 */
export async function runCase(
  kase: Case,
  contestants: readonly Contestant[],
  place: Place,
  reference: Buffer,
  { rounds, seconds, folder }: Terms,
): Promise<CaseResult> {
  await flush(place.redisUrl)
  const runners: Runner[] = []
  try {
    const limit = await startLimit(kase, place, reference, folder)
    runners.push(limit)
    for (const contestant of contestants) runners.push(await launchContestant(kase, contestant, place, reference, folder))
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

async function startLimit(kase: Case, place: Place, reference: Buffer, folder: string): Promise<Runner> {
  const bytes = join(folder, 'limit.json')
  await writeFile(bytes, reference)
  const status = kase.method === '304' ? '304' : '200'
  const server = await launch({ script: 'bench/http/servers/limit.ts', args: ['--bytes', bytes, '--status', status] })
  const script = join(folder, 'limit.lua')
  await writeScript(script, { ...questionOf(kase, await place.authorization('VIEWER'), 0), ...bodiesOf(kase, 0) })
  return { name: 'node:http, same bytes', takeTurn: (seconds) => measureWithCpu(server, script, seconds), stop: () => server.stop() }
}

/** Starts a server. Its turns fail when an answer is not the reference's, or not from where the case says. */
export async function launchContestant(
  kase: Case,
  contestant: Contestant,
  place: Place,
  reference: Buffer,
  folder: string,
): Promise<Runner> {
  const server = await launch(contestant.launch(place))
  const client = new Client()
  const authorization = await place.authorization('VIEWER')
  const script = join(folder, `${contestant.name.replaceAll(/\W+/g, '-')}.lua`)
  const expected = JSON.parse(reference.toString()).data as unknown
  let number = 0
  const ask = () => client.ask(server.url, questionOf(kase, authorization, number++))
  const check = async (condition: Question['headers'], attempt = 1): Promise<void> => {
    const question = questionOf(kase, authorization, number++)
    const answer = await client.ask(server.url, { ...question, headers: { ...question.headers, ...condition } })
    try {
      checkAnswer(kase, contestant, answer, expected)
    } catch (error) {
      if (attempt === CHECKS) throw error
      await check(condition, attempt + 1)
    }
  }
  return {
    name: contestant.name,
    takeTurn: async (seconds) => {
      // There is no entry yet, or it has come to the end of its life since the last turn.
      const { etag } = (await ask()).headers
      const condition = kase.method === '304' && etag !== undefined ? { 'if-none-match': etag } : {}
      await check(condition)
      const question = questionOf(kase, authorization, number)
      await writeScript(script, { ...question, headers: { ...question.headers, ...condition }, ...bodiesOf(kase, number) })
      number += NUMBERS_OF_A_RUN
      const load = await measureWithCpu(server, script, seconds)
      if (kase.method === '304' && load.bytesPerAnswer > MOST_HEADER_BYTES)
        throw new Error(`${contestant.name} sent bodies instead of 304.`)
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
  const operation = hotOperation(kase.size)
  return kase.method === 'post' ? withoutLength(post(operation, authorization)) : get(operation, authorization)
}

/** wrk counts the body's bytes itself. */
function withoutLength({ headers: { 'content-length': _, ...headers }, ...question }: Question): Question {
  return { ...question, headers }
}

function bodiesOf(kase: Case, number: number): { readonly bodies?: string } {
  return kase.temperature === 'cold' ? { bodies: coldBodies(kase.size, number) } : {}
}

function checkAnswer(kase: Case, { name, level }: Contestant, answer: Answer, expected: unknown): void {
  const status = kase.method === '304' ? 304 : 200
  if (answer.status !== status) throw new Error(`${name} answered with ${answer.status} instead of ${status}: ${answer.bytes}`)
  if (status === 200) deepStrictEqual(answer.data(), expected, `${name} gave another answer.`)
  const wanted = kase.temperature === 'cold' ? 'MISS' : 'HIT'
  const { 'x-cache': verdict, 'x-cache-level': from } = answer.headers
  if (level === undefined) return
  if (verdict !== wanted) throw new Error(`${name}: expected X-Cache: ${wanted}, got ${verdict}.`)
  if (verdict === 'HIT' && from !== level) throw new Error(`${name}: expected X-Cache-Level: ${level}, got ${from}.`)
}

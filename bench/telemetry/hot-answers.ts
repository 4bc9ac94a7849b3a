import { join } from 'node:path'
import { makeRelease, type Patch } from '../../test/system/release.ts'
import { median, quantile, type Row, rounded } from '../cache/measure.ts'
import { Client, get, post, type Question } from '../http/client.ts'
import type { Place } from '../http/database.ts'
import { launch, type Started } from '../http/launch.ts'
import { CONNECTIONS, measure, type Script, writeScript } from '../http/load.ts'
import { WITHOUT_COUNTING } from './without-counting.ts'

export interface HotTerms {
  readonly rounds: number
  /** Duration of one measurement of one gateway, s. */
  readonly seconds: number
  /** Folder for the script files of wrk, the load generator. */
  readonly folder: string
}

interface Case {
  readonly method: 'GET' | 'POST'
  /** Number of distinct operations that are sent in turn. */
  readonly operations: number
}

/** A gateway, and the CPU time of its process for one answer in each round, us. */
interface Contestant {
  readonly name: string
  readonly server: Started
  readonly isCounting: boolean
  readonly cpu: number[]
}

const CASES: readonly Case[] = [
  { method: 'GET', operations: 1 },
  { method: 'POST', operations: 1 },
  { method: 'GET', operations: 1000 },
  { method: 'POST', operations: 1000 },
]
const WARM_UP_SECONDS = 3
/**
 * Share of the answers that must come from memory without parsing. The others renew answers whose time is over. At the start of a measurement,
 * each connection may wait for such an answer.
 */
const MIN_AT_HAND = 0.98
/** Number in the text of an operation that wrk replaces by the number of each request. */
const PLACEHOLDER = 123_456_789
const AT_HAND = /^tidegate_answers_at_hand_total (\d+)$/m

/**
 * Measures what counting costs an answer that is at hand: two gateways on one core, as they are and without any counting. They take turns, and
 * which of them begins changes with each round.
 * @throws if answers do not come from memory, or if a gateway without counting counts.
 */
export async function measureHotAnswers(place: Place, terms: HotTerms): Promise<readonly Row[]> {
  const stops: (() => Promise<void>)[] = []
  const start = async (name: string, patches: readonly Patch[]): Promise<Contestant> => {
    const release = await makeRelease(name, patches)
    stops.push(release.remove)
    const server = await launch({ script: join(release.folder, 'src/main.ts'), env: place.env })
    stops.push(server.stop)
    return { name, server, isCounting: patches.length === 0, cpu: [] }
  }
  try {
    const both = [await start('counting', []), await start('without-counting', WITHOUT_COUNTING)] as const
    const authorization = await place.authorization('VIEWER')
    const rows: Row[] = []
    for (const kase of CASES) rows.push(await measureCase(kase, both, authorization, terms))
    return rows
  } finally {
    for (const stop of stops.toReversed()) await stop()
  }
}

async function measureCase(kase: Case, both: readonly [Contestant, Contestant], authorization: string, terms: HotTerms): Promise<Row> {
  const { rounds, seconds, folder } = terms
  const script = join(folder, `${kase.method}-${kase.operations}.lua`)
  await writeScript(script, scriptOf(kase, authorization))
  for (const { server, cpu } of both) {
    cpu.length = 0
    await fill(kase, server, authorization)
    await measure(server.url, script, WARM_UP_SECONDS)
  }
  for (let round = 0; round < rounds; round++)
    for (const contestant of round % 2 === 0 ? both : both.toReversed()) await takeTurn(contestant, script, seconds)
  const [counting, without] = both.map(({ cpu }) => cpu) as [number[], number[]]
  const ratios = counting.map((us, round) => us / (without[round] as number))
  const costs = counting.map((us, round) => us - (without[round] as number))
  return {
    answer: `${kase.method}, ${kase.operations === 1 ? 'one operation' : `${kase.operations} operations in turn`}`,
    'CPU us, counting': rounded(median(counting)),
    'CPU us, without': rounded(median(without)),
    'difference us': rounded(median(costs)),
    ratio: median(ratios).toFixed(3),
    'lower quartile': quantile(ratios, 0.25).toFixed(3),
    'upper quartile': quantile(ratios, 0.75).toFixed(3),
    rounds,
  }
}

async function takeTurn({ name, server, isCounting, cpu }: Contestant, script: string, seconds: number): Promise<void> {
  const countBefore = await atHand(server)
  const before = await server.cpuTime()
  const { requests } = await measure(server.url, script, seconds)
  cpu.push(((await server.cpuTime()) - before) / requests)
  const counted = (await atHand(server)) - countBefore
  if (isCounting ? counted < MIN_AT_HAND * requests - CONNECTIONS : counted > 0)
    throw new Error(`${name}: expected ${isCounting ? `almost ${requests}` : 'no'} counted answers from memory, got ${counted}.`)
}

async function atHand({ url }: Started): Promise<number> {
  return Number(AT_HAND.exec(await (await fetch(new URL('/metrics', url))).text())?.[1] ?? 0)
}

/** Sends every operation twice, so that its answer is in memory. */
async function fill(kase: Case, { url }: Started, authorization: string): Promise<void> {
  const client = new Client()
  try {
    for (let number = 0; number < 2 * kase.operations; number++) {
      const answer = await client.ask(url, questionOf(kase, number % kase.operations, authorization))
      answer.data()
    }
  } finally {
    client.close()
  }
}

function questionOf({ method }: Case, number: number, authorization: string): Question {
  const operation = { query: `query Hot${number} { campaigns(first: 1) { nodes { id name } } }` }
  return method === 'GET' ? get(operation, authorization) : post(operation, authorization)
}

function scriptOf(kase: Case, authorization: string): Script {
  const { headers: allHeaders, ...question } = questionOf(kase, kase.operations === 1 ? 0 : PLACEHOLDER, authorization)
  // wrk computes the length.
  const { 'content-length': _, ...headers } = allHeaders
  if (kase.operations === 1) return { ...question, headers }
  const name = kase.method === 'GET' ? 'target' : 'body'
  const [before = '', after = ''] = (kase.method === 'GET' ? question.path : (question.body ?? '')).split(String(PLACEHOLDER))
  const code = `local texts = {}
for number = 0, ${kase.operations - 1} do texts[number] = [==[${before}]==] .. number .. [==[${after}]==] end
local turn = -1
local function ${name}()
  turn = (turn + 1) % ${kase.operations}
  return texts[turn]
end`
  return { ...question, headers, ...(kase.method === 'GET' ? { targets: code } : { bodies: code }) }
}

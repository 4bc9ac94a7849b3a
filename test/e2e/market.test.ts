import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reasons, refusalMeanings } from '#src/market/rules/routing/reason.ts'
import { insertDncCallers } from '#src/market/seed/insert-dnc-list.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { CALLER_HASH_KEY, type Gateway, startGateway } from './gateway.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/market.md'), 'utf8')

type Json = Readonly<Record<string, unknown>>

/** A request of the page, with the answer that the page shows. */
interface Step {
  readonly name: string
  readonly query: string
  readonly variables: Json
  readonly answer: Json | undefined
}

const steps = readSteps()

let database: TestDatabase
let gateway: Gateway
/** All answers of each request, by its name. */
const answers = new Map<string, Json[]>()
let played: Promise<void> | undefined
/** Plays the story once, whichever test comes first. */
const story = () => (played ??= play())
const startOfDay = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  const { db, close } = await openMarketDatabase({ url: database.url, poolSize: 1, statementTimeoutMs: 30_000, onError: () => undefined })
  await insertDncCallers(db, CALLER_HASH_KEY)
  await close()
  gateway = await startGateway({ DATABASE_URL: database.url })
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

function readSteps(): Step[] {
  const queries = new Map<string, string>()
  const found: Step[] = []
  for (const [, kind, name = '', text = ''] of page.matchAll(/^```(graphql|json variables|json answer)(?: (\w+))?\n(.*?)^```$/gms)) {
    if (kind === 'graphql') queries.set(/^\w+ (\w+)/.exec(text)?.[1] ?? '', text)
    else if (kind === 'json variables') {
      const query = queries.get(name)
      if (query === undefined) throw new Error(`Expected the request ${name} before its variables.`)
      found.push({ name, query, variables: JSON.parse(text), answer: undefined })
    } else found.push({ ...(found.pop() as Step), answer: JSON.parse(text) })
  }
  return found
}

/** Replaces each reference such as `<Find.campaigns.nodes.0.id>` by the value of the last answer; `Before` is the last but one Ping. */
function resolve(value: unknown): unknown {
  if (value === '…') return expect.anything()
  if (value === '<today>') return startOfDay
  const path = typeof value === 'string' ? /^<([\w.]+)>$/.exec(value)?.[1]?.split('.') : undefined
  if (path) {
    const [name = '', ...keys] = path
    const answer = name === 'Before' ? answers.get('Ping')?.at(-2) : answers.get(name)?.at(-1)
    const found = keys.reduce<unknown>((each, key) => (each as Json | undefined)?.[key], answer)
    if (found === undefined || found === null) throw new Error(`Expected a value at ${value}.`)
    return found
  }
  if (Array.isArray(value)) return value.map((each) => resolve(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each)]))
}

async function send({ name, query, variables }: Step): Promise<Json> {
  const { data, errors } = await gateway.ask(query, { variables: resolve(variables) as Json })
  expect(errors, name).toBeUndefined()
  answers.set(name, [...(answers.get(name) ?? []), data as Json])
  return data as Json
}

/** Sends the requests in the order of the page, and the one for the figures also before the call is sold. */
async function play(): Promise<void> {
  const figures = steps.find(({ name }) => name === 'Figures') as Step
  for (const step of steps) {
    if (step.name === 'Settle') await send(figures)
    const data = await send(step)
    if (step.answer) expect(data, `${step.name} ${JSON.stringify(step.variables)}`).toMatchObject(resolve(step.answer) as Json)
    for (const payload of Object.values(data)) expect((payload as Json)?.['errors'] ?? [], step.name).toEqual([])
  }
}

describe('the page docs/market.md', () => {
  it('tells the story of a call by requests that give the answers it shows', async () => {
    await story()
    expect(steps.length).toBeGreaterThan(15)
  })

  it('gets a reason for every buyer but the one of the offer', async () => {
    await story()
    const { buyers } = answers.get('Find')?.[0] as { buyers: { totalCount: number } }
    const { pingCall } = answers.get('Ping')?.[0] as {
      pingCall: { ranked: { name: string }[]; excluded: unknown[]; reservation: { buyer: unknown } }
    }
    expect(pingCall.excluded).toHaveLength(buyers.totalCount - 1)
    expect(pingCall.ranked[0]).toEqual(pingCall.reservation.buyer)
  })

  it('shows the settled call in the figures of its campaign and its publisher, with what the publisher was promised', async () => {
    await story()
    const { pingCall } = answers.get('Ping')?.[0] as { pingCall: { reservation: { payout: { amount: number } } } }
    type Figures = Record<string, { statistics: { settledCalls: number; payout: { amount: number } } }>
    const [before, after] = answers.get('Figures') as unknown as [Figures, Figures]
    expect(pingCall.reservation.payout.amount).toBeGreaterThan(0)
    for (const who of ['campaign', 'publisher']) {
      const [earlier, later] = [before[who]?.statistics, after[who]?.statistics]
      expect(Number(later?.settledCalls) - Number(earlier?.settledCalls)).toBe(1)
      expect(Number(later?.payout.amount) - Number(earlier?.payout.amount)).toBe(pingCall.reservation.payout.amount)
    }
  })

  it('says what to do for each reason and for each refusal', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)
    expect(rows).toEqual([...reasons, ...Object.keys(refusalMeanings), 'LAPSED', 'WRONG_CALLER', 'BUYER_PAUSED'])
  })
})

import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { usStates } from '#src/market/rules/us-states.ts'
import { CALLERS, type CallMarket, callerOf } from './market.ts'

/** Answer to a request, or why there was none. */
export interface Exchange {
  readonly kind: 'ping' | 'post'
  /** Number of the caller. */
  readonly caller: number
  /** Time from the moment at which the request was due until its answer was complete, ms. */
  readonly ms: number
  /** OFFERED, CONNECTED, a refusal, or `ERROR` with what came instead. */
  readonly outcome: string
  /** Versions of the do-not-call lists that the decision was made with, such as `national:7`; null if it needed none. */
  readonly dncVersions: string | null
}

export interface LoadParams {
  readonly gatewayUrl: string
  readonly authorization: string
  readonly market: CallMarket
  /** Pings a second. */
  readonly rate: number
  /** Share of the offers that are posted, from 0 to 1. */
  readonly posts: number
  /** Draws a number from 0 to 1, 1 not included. */
  readonly random: () => number
}

export interface LoadResult {
  readonly exchanges: readonly Exchange[]
  /** Longest time by which a ping was sent too late, because this process was busy, ms. The latencies contain it. */
  readonly maxDelayMs: number
}

interface Reply {
  readonly reservation?: { readonly id: string } | null
  readonly call?: { readonly id: string } | null
  readonly refusal: string | null
  readonly decision?: { readonly dncVersions: string | null } | null
  readonly errors: readonly unknown[]
}

const PING = `mutation ($input: PingCallInput!) { pingCall(input: $input) {
  reservation { id expiresAt payout { amount } } refusal decision { dncVersions } errors { code field message } } }`
const POST = 'mutation ($input: PostCallInput!) { postCall(input: $input) { call { id } refusal errors { code field message } } }'
const STATES = [...usStates.keys()]
const TIMEOUT_MS = 10_000

/**
 * Sends pings in an open model: they come by chance, like calls, and independent of the answers (a Poisson process). So a server that is slow
 * gets as many pings as a quick one, and each latency contains the time for which the ping was late.
 * @param until Ends the load when it settles.
 */
export async function sendPings(params: LoadParams, until: Promise<unknown>): Promise<LoadResult> {
  const { rate, random } = params
  const agent = new Agent({ keepAlive: true })
  const exchanges: Exchange[] = []
  const sending: Promise<void>[] = []
  let isOver = false
  const end = () => {
    isOver = true
  }
  until.then(end, end)
  let maxDelayMs = 0
  const send = async (dueAt: number) => {
    const caller = Math.floor(random() * CALLERS)
    const { reply, ...ping } = await exchange(params, agent, 'ping', caller, PING, pingOf(params, caller), dueAt)
    exchanges.push(ping)
    if (!reply?.reservation || random() >= params.posts) return
    const input = { reservationId: reply.reservation.id, caller: callerOf(caller) }
    const { reply: _, ...post } = await exchange(params, agent, 'post', caller, POST, input, performance.now())
    exchanges.push(post)
  }
  for (let dueAt = performance.now(); ; dueAt += (-Math.log(1 - random()) * 1000) / rate) {
    const early = dueAt - performance.now()
    // A timer counts whole milliseconds, and must not send a ping too early.
    if (early > 0) await pause(Math.ceil(early))
    if (isOver) break
    maxDelayMs = Math.max(maxDelayMs, performance.now() - dueAt)
    sending.push(send(dueAt))
  }
  await Promise.all(sending)
  agent.destroy()
  return { exchanges, maxDelayMs }
}

function pingOf({ market, random }: LoadParams, caller: number) {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  return {
    campaignId: pick(market.campaigns),
    publisherId: pick(market.publishers),
    state: pick(STATES),
    zip: String(10_000 + Math.floor(random() * 90_000)),
    subId: `page ${Math.floor(random() * 100)}`,
    caller: callerOf(caller),
  }
}

async function exchange(
  { gatewayUrl, authorization }: LoadParams,
  agent: Agent,
  kind: Exchange['kind'],
  caller: number,
  query: string,
  input: object,
  dueAt: number,
): Promise<Exchange & { readonly reply: Reply | undefined }> {
  const body = JSON.stringify({ query, variables: { input } })
  const answer = await post(`${gatewayUrl}/graphql`, authorization, agent, body).catch((error: unknown) => String(error))
  const ms = performance.now() - dueAt
  const reply = replyOf(answer, kind === 'ping' ? 'pingCall' : 'postCall')
  const isRight = reply !== undefined && reply.errors.length === 0
  const outcome = isRight ? (reply.refusal ?? (kind === 'ping' ? 'OFFERED' : 'CONNECTED')) : `ERROR ${messageOf(answer)}`
  return { kind, caller, ms, outcome, dncVersions: reply?.decision?.dncVersions ?? null, reply }
}

function replyOf(answer: string, field: string): Reply | undefined {
  try {
    return (JSON.parse(answer) as { readonly data?: Readonly<Record<string, Reply>> }).data?.[field]
  } catch {
    return undefined
  }
}

/** Returns the first message of an answer with errors, or the answer itself if it has none. */
function messageOf(answer: string): string {
  return /"message":"([^"]*)"/.exec(answer)?.[1] ?? answer
}

function post(url: string, authorization: string, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent, headers, timeout: TIMEOUT_MS }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`Expected an answer within ${TIMEOUT_MS} ms.`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

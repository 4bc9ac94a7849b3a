import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * Fault of the proxy: the proxy repeats its first answer to each query, answers one query with 503, or delays all answers for a second.
 */
export type Fault = 'never invalidates' | 'answers 503' | 'stalls'

export interface FaultyProxy {
  readonly url: string
  stop(): void
}

interface Stored {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Number of the request that is answered with 503. */
const FAILING = 10
const STALL_FROM_MS = 700
const STALL_MS = 1000

/** Starts a proxy between a load test and a gateway. */
export async function startFaultyProxy(target: string, fault: Fault): Promise<FaultyProxy> {
  const agent = new Agent({ keepAlive: true })
  const stored = new Map<string, Stored>()
  let requests = 0
  let startedAt: number | undefined
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(incoming)
    // Requests of the setup phase are forwarded without the fault, so that the run begins.
    const isSetup = !body.includes('"id":') && !body.includes('mutation')
    if (!isSetup) requests++
    startedAt ??= isSetup ? undefined : performance.now()
    if (fault === 'answers 503' && requests === FAILING)
      return void response.writeHead(503, { 'content-type': 'application/json' }).end('{}')
    const key = `${incoming.headers.authorization} ${body}`
    const known = fault === 'never invalidates' ? stored.get(key) : undefined
    const found = known ?? (await forward(target, incoming, body, agent))
    if (!body.includes('mutation')) stored.set(key, found)
    const elapsed = startedAt === undefined ? 0 : performance.now() - startedAt - STALL_FROM_MS
    const delay = fault === 'stalls' && elapsed > 0 && elapsed < STALL_MS ? STALL_MS : 0
    setTimeout(() => response.writeHead(found.status, found.headers).end(found.body), delay)
  }
  const server = createServer((incoming, response) => void answer(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}

function forward(target: string, { method = 'POST', url = '/', headers }: IncomingMessage, body: Buffer, agent: Agent): Promise<Stored> {
  return new Promise((resolve, reject) => {
    const sending = request(`${target}${url}`, { method, headers, agent }, async (response) => {
      resolve({ status: response.statusCode ?? 502, headers: response.headers, body: await buffer(response) })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

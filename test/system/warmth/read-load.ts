import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** One request of the load: a body and the token of its caller. */
export interface Read {
  readonly body: string
  readonly token: string
}

export interface ReadLoadOptions {
  readonly url: string
  /** Requests started per second, whether earlier ones are answered or not. */
  readonly perSecond: number
  readonly forMs: number
  /** Returns the next request. */
  readonly next: () => Read
}

export interface ReadFigures {
  readonly answered: number
  readonly failed: number
  /** Share of the responses that came from the cache as a whole, of each second. */
  readonly hitRates: readonly number[]
  /** Latencies from the scheduled start to the last byte, ms, sorted. */
  readonly latenciesMs: readonly number[]
}

const MAX_CONNECTIONS = 64

/** Sends requests at a constant rate. A request that is sent late counts from the time at which it was due. */
export async function readLoad({ url, perSecond, forMs, next }: ReadLoadOptions): Promise<ReadFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS })
  const seconds = Array.from({ length: Math.ceil(forMs / 1000) }, () => ({ hits: 0, all: 0 }))
  const latenciesMs: number[] = []
  let failed = 0
  const pending: Promise<void>[] = []
  const startedAt = performance.now()
  const total = Math.floor((perSecond * forMs) / 1000)
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) * perSecond) / 1000))
    for (; sent < due; sent++) {
      const dueAt = startedAt + (sent * 1000) / perSecond
      const second = seconds[Math.floor((dueAt - startedAt) / 1000)]
      pending.push(
        send(url, next(), agent).then(({ status, isHit }) => {
          latenciesMs.push(performance.now() - dueAt)
          if (status !== 200) failed++
          if (!second) return
          second.all++
          if (isHit) second.hits++
        }),
      )
    }
    await pause(1)
  }
  await Promise.all(pending)
  agent.destroy()
  return {
    answered: latenciesMs.length,
    failed,
    hitRates: seconds.map(({ hits, all }) => (all === 0 ? 0 : hits / all)),
    latenciesMs: latenciesMs.sort((a, b) => a - b),
  }
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

function send(url: string, { body, token }: Read, agent: Agent): Promise<{ readonly status: number; readonly isHit: boolean }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve) => {
    const sending = request(`${url}/graphql`, { method: 'POST', headers, agent }, (response) => {
      response.resume()
      response.on('error', () => resolve({ status: 0, isHit: false }))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, isHit: response.headers['x-cache'] === 'HIT' }))
    })
    sending.on('error', () => resolve({ status: 0, isHit: false }))
    sending.end(body)
  })
}

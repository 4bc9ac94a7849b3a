import { describe, expect, it } from 'vitest'
import type { RecordedOperation } from '#src/gateway/warming/recorded-operation.ts'
import { type WarmResponse, warmOverHttp } from '#src/operations/warming/warm-over-http.ts'

const ok: WarmResponse = { status: 200, cache: 'MISS', retryAfter: null, errors: [] }
const operations = Array.from({ length: 20 }, (_, number): RecordedOperation => {
  return { document: '{ words { nodes { name } } }', variables: { number }, tenant: null, role: null }
})

async function run(send: (attempt: number) => Promise<WarmResponse>, concurrent = 4) {
  const pauses: number[] = []
  const results: string[] = []
  let attempts = 0
  let inFlight = 0
  let maxInFlight = 0
  await warmOverHttp(operations, {
    concurrent,
    pause: async (ms) => void pauses.push(ms),
    send: async () => {
      maxInFlight = Math.max(maxInFlight, ++inFlight)
      await Promise.resolve()
      inFlight--
      return send(++attempts)
    },
    onResult: (_, result) => results.push(result.name === 'failed' ? result.reason : result.name),
  })
  return { pauses, results, attempts, maxInFlight }
}

describe('Warming by HTTP requests', () => {
  it('sends every operation, never exceeds the limit of concurrent requests, and reports which responses were already cached', async () => {
    const { results, maxInFlight } = await run(async (attempt) => ({ ...ok, cache: attempt > 5 ? 'MISS' : 'HIT' }), 3)
    expect(results).toHaveLength(20)
    expect(results.filter((name) => name === 'cached')).toHaveLength(5)
    expect(maxInFlight).toBe(3)
  })

  it('waits for the Retry-After time if the gateway rejects a request, and then sends the request again', async () => {
    const { results, pauses } = await run(async (attempt) =>
      attempt === 1 ? { ...ok, status: 429, retryAfter: '7', errors: ['slow down'] } : ok,
    )
    expect(pauses).toEqual([7000])
    expect(results.every((name) => name === 'warmed')).toBe(true)
  })

  it('gives up an operation after five rejections, and reports the error message of the gateway', async () => {
    const { results, pauses } = await run(async () => ({ ...ok, status: 503, errors: ['The server is shutting down.'] }), 1)
    expect(pauses).toHaveLength(4 * 20)
    expect(results[0]).toBe('status 503: The server is shutting down.')
  })

  it('reports the remedy if no gateway responds', async () => {
    const { results } = await run(async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:4000') })
    })
    expect(results[0]).toBe('no response (connect ECONNREFUSED 127.0.0.1:4000): start the gateway, or correct --url')
  })
})

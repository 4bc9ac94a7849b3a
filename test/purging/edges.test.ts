import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createEdge, type EdgeSettings } from '#src/operations/purging/create-purging.ts'
import { EdgeFailure } from '#src/operations/purging/edge.ts'
import { ManualEnv } from '../cache/manual-env.ts'

const SECRET = 'a secret of more than thirty-two characters'

interface Call {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: string
}

function edgeOf(kind: EdgeSettings['kind'], url: string, answer = new Response('{"success": true}'), isSoft = false) {
  const calls: Call[] = []
  const env = new ManualEnv()
  const edge = createEdge(url, {
    kind,
    secret: SECRET,
    isSoft,
    env,
    fetch: async (to, { method = 'GET', headers, body }) => {
      calls.push({ url: to, method, headers: new Headers(headers), body: String(body ?? '') })
      return answer.clone()
    },
  })
  return { edge, calls, env, purge: (keys: readonly string[]) => edge.purge(keys, new AbortController().signal) }
}

describe('a purge', () => {
  it('of Varnish is a PURGE with the keys in the header xkey', async () => {
    const { purge, calls } = edgeOf('varnish', 'http://varnish:6081')
    await purge(['public', '0abc'])
    expect(calls).toMatchObject([{ url: 'http://varnish:6081', method: 'PURGE', body: '' }])
    expect(Object.fromEntries(calls[0]?.headers ?? [])).toEqual({ xkey: 'public 0abc' })
  })

  it('of Varnish may be soft', async () => {
    const { purge, calls } = edgeOf('varnish', 'http://varnish:6081', new Response(), true)
    await purge(['0abc'])
    expect(calls[0]?.headers.get('xkey-soft')).toBe('1')
  })

  it('of Fastly is a POST to the service, with the token and the keys in headers', async () => {
    const { purge, calls, edge } = edgeOf('fastly', 'https://api.fastly.com/service/SU1Z0', new Response('{}'), true)
    await purge(['public', '0abc'])
    expect(calls).toMatchObject([{ url: 'https://api.fastly.com/service/SU1Z0/purge', method: 'POST' }])
    expect(Object.fromEntries(calls[0]?.headers ?? [])).toEqual({
      accept: 'application/json',
      'fastly-key': SECRET,
      'fastly-soft-purge': '1',
      'surrogate-key': 'public 0abc',
    })
    expect(edge.maxKeys).toBeLessThanOrEqual(256)
  })

  it('of Cloudflare is a POST to the zone, with the keys as tags', async () => {
    const { purge, calls, edge } = edgeOf('cloudflare', 'https://api.cloudflare.com/client/v4/zones/23f')
    await purge(['public', '0abc'])
    expect(calls).toMatchObject([{ url: 'https://api.cloudflare.com/client/v4/zones/23f/purge_cache', method: 'POST' }])
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ tags: ['public', '0abc'] })
    expect(calls[0]?.headers.get('authorization')).toBe(`Bearer ${SECRET}`)
    expect(edge.maxKeys).toBeLessThanOrEqual(100)
  })

  it('of Cloudflare fails if the answer with status 200 does not report success', async () => {
    const { purge } = edgeOf('cloudflare', 'https://api.cloudflare.com/client/v4/zones/23f', new Response('{"success":false,"errors":[]}'))
    await expect(purge(['0abc'])).rejects.toThrow('Expected "success": true from Cloudflare')
  })

  it('by a webhook is signed with its id, time and body, so that the receiver can refuse a changed or repeated call', async () => {
    const { purge, calls, env } = edgeOf('webhook', 'https://example.com/purge')
    await purge(['public', '0abc'])
    await env.advance(1000)
    await purge(['0abc'])
    for (const { headers, body } of calls) {
      const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers.get(name) ?? '')
      expect(signature).toBe(`v1,${createHmac('sha256', SECRET).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    }
    expect(calls.map(({ body }) => JSON.parse(body))).toEqual([
      { keys: ['public', '0abc'], everything: true },
      { keys: ['0abc'], everything: false },
    ])
    const [first, second] = calls.map(({ headers }) => [headers.get('webhook-id'), Number(headers.get('webhook-timestamp'))] as const)
    expect(second?.[0]).not.toBe(first?.[0])
    expect((second?.[1] ?? 0) - (first?.[1] ?? 0)).toBe(1)
    expect(first?.[1]).toBe(Math.floor((env.now() - 1000) / 1000))
  })

  it.each([
    'varnish',
    'fastly',
    'cloudflare',
    'webhook',
  ] as const)('of the kind %s that is refused fails with the status and the time to wait, and without the secret', async (kind) => {
    const { purge } = edgeOf(kind, 'https://example.com', new Response('slow down', { status: 429, headers: { 'retry-after': '7' } }))
    const failure = await purge(['0abc']).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(EdgeFailure)
    expect(failure).toMatchObject({ message: 'Expected status 200 from the edge, got 429: slow down', retryAfterMs: 7000 })
    expect(JSON.stringify(failure) + String(failure)).not.toContain(SECRET)
  })
})

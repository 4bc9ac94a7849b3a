import { once } from 'node:events'
import { createServer, get, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ResponseHeads, writeResponseHead } from '#src/gateway/http/response-head.ts'
import { Representation } from '#src/gateway/responses/content-encoder.ts'
import { hitHeaders, hitHeadersUntil, storedResponse } from '#src/gateway/responses/stored-response.ts'
import fc from '../property.ts'

const NOW = Date.UTC(2026, 0, 1)
const REPRESENTATION = new Representation('identity', Buffer.from('{}'))

function held(cacheControl = 'private, no-cache') {
  return {
    known: { contentType: 'application/json' },
    response: storedResponse({ madeAt: NOW, lifeMs: 60_500, headers: ['cache-control', cacheControl] }, '{}'),
  }
}

describe('the heads of responses (status line and headers)', () => {
  it('are reused as long as no header changes', () => {
    const heads = new ResponseHeads(5000)
    const answer = held()
    const at = (now: number) => heads.prepared(answer, REPRESENTATION, 'POST', now).whole
    const first = at(NOW)
    expect(at(NOW + 100)).toBe(first)
    expect(at(NOW + 1000).text).toContain('age: 1\r\n')
    expect(at(NOW + 1000).text).toContain('Date: Thu, 01 Jan 2026 00:00:01 GMT\r\n')
    expect(at(NOW).text).toContain('age: 0\r\n')
  })

  it('are computed again for a response with different bytes', () => {
    const heads = new ResponseHeads(5000)
    const answer = held()
    expect(heads.prepared(answer, REPRESENTATION, 'POST', NOW).whole.text).toContain('content-length: 2\r\n')
    const coded = new Representation('br', Buffer.from('123'))
    const { text } = heads.prepared(answer, coded, 'POST', NOW).whole
    expect(text).toContain('content-length: 3\r\ncontent-encoding: br\r\n')
  })

  it('contain an ETag for GET, but not for POST and not for responses that must not be stored', () => {
    const tagOf = (method: string, cacheControl?: string) =>
      /etag: (\S+)/.exec(new ResponseHeads(5000).prepared(held(cacheControl), REPRESENTATION, method, NOW).whole.text)?.[1]
    expect([tagOf('GET'), tagOf('POST'), tagOf('GET', 'no-store')]).toEqual([REPRESENTATION.entityTag, undefined, undefined])
  })

  it('never contain a header line that was injected into a value', () => {
    expect(() => new ResponseHeads(5000).prepared(held('no-cache\r\nset-cookie: a=b'), REPRESENTATION, 'GET', NOW).whole).toThrow(
      /cache-control/,
    )
  })

  it('contain the current age and remaining TTL of the response', () => {
    const times = fc.record({ madeAt: fc.integer({ min: -5000, max: 5000 }), lifeMs: fc.integer({ min: 0, max: 9000 }) })
    fc.assert(
      fc.property(times, fc.nat(20_000), ({ madeAt, lifeMs }, now) => {
        const response = storedResponse({ madeAt, lifeMs, headers: [] }, '{}')
        const until = hitHeadersUntil(response, now)
        expect(until).toBeGreaterThan(now)
        expect(hitHeaders(response, until - 1, 'L1')).toEqual(hitHeaders(response, now, 'L1'))
        expect(hitHeaders(response, until, 'L1')).not.toEqual(hitHeaders(response, now, 'L1'))
      }),
    )
  })
})

describe('a response head that is built in advance', () => {
  const head = () => new ResponseHeads(5000).prepared(held(), REPRESENTATION, 'GET', NOW).whole

  it('is identical to a head that node:http writes', async () => {
    const heads: string[][] = []
    for (const isReady of [true, false]) {
      const server = createServer({ keepAliveTimeout: 5000 }, (_, response) => {
        response.sendDate = false
        if (isReady) writeResponseHead(response, head(), 'r')
        else response.writeHead(200, [...head().fields, 'x-request-id', 'r'])
        response.end('{}')
      })
      server.listen(0)
      await once(server, 'listening')
      const [answer] = await once(get({ port: (server.address() as AddressInfo).port, headers: { connection: 'keep-alive' } }), 'response')
      heads.push(pairsOf(answer.rawHeaders).filter((pair) => !pair.startsWith('date')))
      answer.resume()
      await once(answer, 'end')
      server.closeAllConnections()
      server.close()
    }
    expect(heads[0]).toEqual(heads[1])
  })

  it('is written through the public API of node:http if writing its private field `_header` has no effect', () => {
    const written: unknown[] = []
    const response = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as never)
    Object.defineProperty(response, 'headersSent', { value: false })
    response.writeHead = (...given: unknown[]) => {
      written.push(given)
      return response
    }
    writeResponseHead(response, head(), 'r')
    expect(written).toEqual([[200, [...head().fields, 'x-request-id', 'r']]])
  })
})

function pairsOf(raw: readonly string[]): string[] {
  const pairs: string[] = []
  for (let index = 0; index < raw.length; index += 2) pairs.push(`${raw[index]?.toLowerCase()}: ${raw[index + 1]}`)
  return pairs.sort()
}

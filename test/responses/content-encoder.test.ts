import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ContentEncoder } from '#src/gateway/responses/content-encoder.ts'
import fc from '../property.ts'

const LONG = Buffer.from(JSON.stringify({ data: Array.from({ length: 100 }, (_, id) => ({ id, name: `Campaign ${id}` })) }))
const decode = {
  identity: (bytes: Uint8Array) => Buffer.from(bytes),
  gzip: (bytes: Uint8Array) => gunzipSync(bytes),
  br: (bytes: Uint8Array) => brotliDecompressSync(bytes),
}

describe('the content encoding of a response', () => {
  it.each<[string | undefined, keyof typeof decode]>([
    [undefined, 'identity'],
    ['', 'identity'],
    ['identity', 'identity'],
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'identity'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1, zstd;q=0.5', 'gzip'],
    ['zstd;q=0, br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['deflate', 'identity'],
    ['gzip\u0000;;q=x', 'identity'],
  ])('is chosen correctly: Accept-Encoding %j gives %s, and the response decodes to the same bytes', async (header, coding) => {
    const representation = await new ContentEncoder().represent(LONG, header)
    expect(representation.coding).toBe(coding)
    expect(decode[coding](representation.bytes).equals(LONG)).toBe(true)
  })

  it('is applied only once for all concurrent requests', async () => {
    const encoder = new ContentEncoder()
    expect(encoder.ready(LONG, 'br')).toBeUndefined()
    const [one, other] = await Promise.all([encoder.represent(LONG, 'br'), encoder.represent(LONG, 'br')])
    expect(one).toBe(other)
    expect(encoder.ready(LONG, 'br')).toBe(one)
    expect(await encoder.represent(LONG, 'br')).toBe(one)
  })

  it('gives each of several encodings of the same response its own ETag', async () => {
    const encoder = new ContentEncoder()
    const tags = await Promise.all([undefined, 'gzip', 'br'].map(async (header) => (await encoder.represent(LONG, header)).entityTag))
    expect(new Set(tags).size).toBe(3)
  })

  it('is identity if compression would save less than one network packet', async () => {
    expect((await new ContentEncoder().represent(Buffer.from('{"data":null}'), 'br')).coding).toBe('identity')
  })

  it('keeps the ETag for the same bytes, and changes the ETag for other bytes', async () => {
    const tagOf = async (text: string) => (await new ContentEncoder().represent(Buffer.from(text), undefined)).entityTag
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (one, other) => {
        expect(await tagOf(one)).toMatch(/^"[\w-]{27}"$/)
        expect((await tagOf(one)) === (await tagOf(other))).toBe(one === other)
      }),
    )
  })
})

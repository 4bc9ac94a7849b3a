import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContentEncoder } from '../../src/responses/content-encoder.ts'

const LONG = Buffer.from(JSON.stringify({ data: Array.from({ length: 100 }, (_, id) => ({ id, name: `Campaign ${id}` })) }))
const decode = {
  identity: (bytes: Uint8Array) => Buffer.from(bytes),
  gzip: (bytes: Uint8Array) => gunzipSync(bytes),
  br: (bytes: Uint8Array) => brotliDecompressSync(bytes),
}

describe('the representation of an answer', () => {
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
  ])('for %j is %s, and decodes to the same bytes', async (header, coding) => {
    const representation = await new ContentEncoder().represent(LONG, header)
    expect(representation.coding).toBe(coding)
    expect(decode[coding](representation.bytes).equals(LONG)).toBe(true)
  })

  it('is made once, however many ask for it at once', async () => {
    const encoder = new ContentEncoder()
    expect(encoder.ready(LONG, 'br')).toBeUndefined()
    const [one, other] = await Promise.all([encoder.represent(LONG, 'br'), encoder.represent(LONG, 'br')])
    expect(one).toBe(other)
    expect(encoder.ready(LONG, 'br')).toBe(one)
    expect(await encoder.represent(LONG, 'br')).toBe(one)
  })

  it('has a tag of its own in each coding', async () => {
    const encoder = new ContentEncoder()
    const tags = await Promise.all([undefined, 'gzip', 'br'].map(async (header) => (await encoder.represent(LONG, header)).entityTag))
    expect(new Set(tags).size).toBe(3)
  })

  it('is not compressed where that saves less than a packet', async () => {
    expect((await new ContentEncoder().represent(Buffer.from('{"data":null}'), 'br')).coding).toBe('identity')
  })

  it('has the same tag for the same bytes and another for others', async () => {
    const tagOf = async (text: string) => (await new ContentEncoder().represent(Buffer.from(text), undefined)).entityTag
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (one, other) => {
        expect(await tagOf(one)).toMatch(/^"[\w-]{27}"$/)
        expect((await tagOf(one)) === (await tagOf(other))).toBe(one === other)
      }),
    )
  })
})

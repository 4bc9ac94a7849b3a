import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { MessageAuthentication } from '#src/engine/cache/shared/message-authentication.ts'
import fc from '../property.ts'

describe('the message authentication code (MAC) of entries', () => {
  it('is the HMAC-SHA-256 of three concatenated parts: the length of the text, the text, and the bytes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 40_000 }), (secret, text, bytes) => {
        const key = Buffer.from(hkdfSync('sha256', secret, '', 'tidegate purpose', 32))
        const expected = createHmac('sha256', key).update(`${text.length}:${text}`).update(bytes).digest('binary')
        expect(new MessageAuthentication(secret, 'purpose').sign(text, Buffer.from(bytes), bytes.length)).toBe(expected)
      }),
    )
  })

  it('is the same for a short message before and after a longer message was authenticated', () => {
    const authentication = new MessageAuthentication('secret', 'purpose')
    const first = authentication.sign('key', Buffer.from('short'), 5)
    authentication.sign('a longer key', Buffer.alloc(100_000, 7), 100_000)
    expect(authentication.sign('key', Buffer.from('short'), 5)).toBe(first)
  })
})

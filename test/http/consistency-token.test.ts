import { describe, expect, it } from 'vitest'
import { tokenCookie, tokensOf } from '#src/gateway/http/consistency-token.ts'
import { createRequestIds } from '#src/gateway/http/request-id.ts'
import fc from '../property.ts'

const requestIdOf = createRequestIds()

describe('a consistency token', () => {
  it('is read from a header, from a list in a header, and from a cookie, and one request can contain several tokens', () => {
    expect(tokensOf('abc', '')).toBe('abc')
    expect(tokensOf('abc, def,ghi', '')).toBe('abc,def,ghi')
    expect(tokensOf('abc, not one!,', '')).toBe('abc')
    expect(tokensOf('abc', 'tidegate-consistency=def')).toBe('abc,def')
    expect(tokensOf('not one!', 'other=1; tidegate-consistency=def')).toBe('def')
    expect(tokensOf('', 'other=1; tidegate-consistency=def')).toBe('def')
    expect(tokensOf('', 'tidegate-consistency=')).toBeUndefined()
    expect(tokensOf('', '')).toBeUndefined()
  })

  it('is sent to browsers as a cookie that scripts cannot read', () => {
    expect(tokenCookie('abc', { 'sec-fetch-mode': 'cors' }, true)).toBe(
      'tidegate-consistency=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    )
    expect(tokenCookie('abc', {}, false)).toBeUndefined()
  })

  it('never contains characters that could end a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const token of [tokensOf(text, ''), tokensOf('', `tidegate-consistency=${text}`)]) {
          if (token !== undefined) expect(token).toMatch(/^[A-Za-z0-9_-]+(,[A-Za-z0-9_-]+)*$/)
        }
        expect(requestIdOf(text)).toMatch(/^[A-Za-z0-9._-]{1,64}$/)
      }),
    )
  })
})

describe('a request id', () => {
  it('is taken from the request if it is harmless, and is otherwise generated', () => {
    expect(requestIdOf('trace-1.2_3')).toBe('trace-1.2_3')
    expect(requestIdOf('a\r\nb')).not.toContain('\n')
    expect(requestIdOf(undefined)).not.toBe(requestIdOf(undefined))
  })
})

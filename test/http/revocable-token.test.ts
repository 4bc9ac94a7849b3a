import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { revocableToken } from '#src/gateway/identity/revocable-token.ts'

const sign = (token: SignJWT) =>
  token.setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('a secret that nobody checks here'))

describe('the id (jti) by which an access token is revoked', () => {
  it('is read from the access token together with its expiry, without a check of the signature', async () => {
    const token = await sign(new SignJWT({}).setJti('one').setExpirationTime(2_000_000_000))
    expect(revocableToken(token)).toEqual({ tokenId: 'one', expiresAt: new Date(2_000_000_000_000) })
  })

  it('has no expiry if the access token has none, or if the operator gives the id instead of the access token', async () => {
    expect(revocableToken(await sign(new SignJWT({}).setJti('one')))).toEqual({ tokenId: 'one', expiresAt: undefined })
    for (const id of ['one', 'a.b.c', '3f0e-11']) expect(revocableToken(id)).toEqual({ tokenId: id, expiresAt: undefined })
  })

  it('causes an error if the access token has no id or is truncated', async () => {
    const token = await sign(new SignJWT({}).setSubject('3'))
    expect(() => revocableToken(token)).toThrow(/no id \(claim jti\): revoke all tokens of its user/)
    expect(() => revocableToken('eyJhbGciOiJIUzI1NiJ9.eyJqdGk.x')).toThrow(/cannot be read: give the whole token, or its id/)
  })
})

import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createCallerOf, networkOf } from '#src/gateway/http/caller.ts'

const request = (remoteAddress: string, forwardedFor?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
  }) as unknown as IncomingMessage

describe('a caller, as identified for rate limits,', () => {
  it('is the user and the tenant in the access token', () => {
    const callerOf = createCallerOf([])
    expect(callerOf({ tenant: 'acme', userId: '7', role: 'ADMIN' }, request('10.0.0.1'))).toEqual({ tenant: 'acme', name: '7' })
  })

  it('is the address of the connection if there is no access token, whatever the headers say', () => {
    expect(createCallerOf([])(null, request('10.0.0.1', '192.0.2.9'))).toEqual({ tenant: undefined, name: '10.0.0.1' })
  })

  it('is the address that a trusted proxy appended to the header, not an address that the header already contained', () => {
    const callerOf = createCallerOf(['127.0.0.1', '10.0.0.0/8'])
    expect(callerOf(null, request('127.0.0.1', '203.0.113.5, 192.0.2.9, 10.1.1.1')).name).toBe('192.0.2.9')
  })

  it.each([
    ['192.0.2.9', '192.0.2.9'],
    ['::ffff:192.0.2.9', '192.0.2.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('with the address %s is counted as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

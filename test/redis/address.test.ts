import { describe, expect, it } from 'vitest'
import { parseRedisAddress } from '#src/engine/redis/address.ts'

describe('REDIS_URL', () => {
  it.each([
    ['redis://localhost', { kind: 'single', tls: false, hosts: [{ host: 'localhost', port: 6379 }], database: 0 }],
    ['rediss://user:p%40ss@cache.example:6380/2', { kind: 'single', tls: true, username: 'user', password: 'p@ss', database: 2 }],
    ['redis://:secret@[::1]:6379', { hosts: [{ host: '::1', port: 6379 }], username: undefined, password: 'secret' }],
    [
      'redis+sentinel://a:1,b/main/3',
      {
        kind: 'sentinel',
        masterName: 'main',
        database: 3,
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26379 },
        ],
      },
    ],
    [
      'rediss+cluster://a:7000,b:7001',
      {
        kind: 'cluster',
        tls: true,
        hosts: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
        ],
      },
    ],
  ])('can be %s', (url, expected) => {
    expect(parseRedisAddress(url)).toMatchObject(expected)
  })

  it.each([
    'localhost:6379',
    'http://localhost',
    'redis://localhost:99999',
    'redis://localhost/name',
    'redis+sentinel://a:1',
    'redis+cluster://a:1/2',
    'redis://a:b:c',
  ])('cannot be %s, and the error lists the accepted forms', (url) => {
    expect(() => parseRedisAddress(url)).toThrow(/REDIS_URL/)
  })

  it('is never repeated in an error, because it may contain a password', () => {
    expect(() => parseRedisAddress('redis://user:canary@host:port:6379')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { GatewayError } from '#src/errors.ts'
import type { Authentication } from '#src/gateway/identity/authentication.ts'
import type { Principal, Standing } from '#src/gateway/identity/principal.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { GOOD } from '../http/standing.ts'
import { bearer, get, post, startTinyServer, type TinyServerOptions } from './tiny-server.ts'

const ADMINS_ONLY = '{ revenue }'

/** Creates a revocation register whose content in the database a test can change. */
function register() {
  let standing: Standing | Error = { ...GOOD, user: 'ADMIN' }
  let isKnown = true
  const read = async () => {
    if (standing instanceof Error) throw standing
    return standing
  }
  return {
    standingOf: () => ({ peek: () => (isKnown && !(standing instanceof Error) ? standing : undefined), read }),
    set: (change: Partial<Standing> | Error) => {
      standing = change instanceof Error ? change : { ...GOOD, user: 'ADMIN', ...change }
    },
    /** Empties the register's cache, so that the next check reads the database. */
    forget: () => {
      isKnown = false
    },
  }
}

async function start(options: TinyServerOptions = {}) {
  const standings = register()
  const store = new TinyStore()
  const server = await startTinyServer({ gateway: { store }, authentication: { standingOf: standings.standingOf }, ...options })
  const authorization = await bearer(viewer('t1', 'ADMIN'))
  const requests = [post(ADMINS_ONLY, { authorization }), get(ADMINS_ONLY, { authorization })]
  const tags: string[] = []
  for (const request of requests) tags.push(String((await server.untilAtHand(request)).headers['etag']))
  requests.push(get(ADMINS_ONLY, { authorization, 'if-none-match': tags.join(', ') }))
  /** Returns the outcome of each request: the code of an error, or the status of a successful response. */
  const outcomes = async () => {
    const found: (string | number)[] = []
    for (const request of requests) {
      const { status, text } = await server.send(request)
      found.push(text === '' ? status : (JSON.parse(text).errors?.[0].extensions.code ?? status))
    }
    return found
  }
  expect(await outcomes()).toEqual([200, 200, 304])
  return { server, standings, outcomes, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const CHANGES: readonly (readonly [string, Partial<Standing>, string])[] = [
  ['the access token was revoked', { isRevoked: true }, 'UNAUTHENTICATED'],
  ['all access tokens of the user were revoked', { validAfter: Date.now() + 3_600_000 }, 'UNAUTHENTICATED'],
  ['the user was deleted', { user: 'NONE' }, 'UNAUTHENTICATED'],
  ['the tenant was deleted', { hasTenant: false }, 'UNAUTHENTICATED'],
  ['the user was given a lower role', { user: 'VIEWER' }, 'FORBIDDEN'],
]

describe('T12: a response that is cached in memory', () => {
  it.each(CHANGES)('T12: is no longer sent as soon as %s', async (_, change, code) => {
    await using place = await start()
    place.standings.set(change)
    expect(await place.outcomes()).toEqual([code, code, code])
    place.standings.set({})
    expect(await place.outcomes()).toEqual([200, 200, 304])
  })

  it('T12: is not sent while the gateway cannot find out whether the access token was revoked', async () => {
    await using place = await start()
    place.standings.forget()
    expect(await place.outcomes()).toEqual([200, 200, 304])
    place.standings.set(new GatewayError('UNAVAILABLE'))
    expect(await place.outcomes()).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'])
  })

  it.each(CHANGES)('T12: is sent by a gateway that never checks an authenticated caller again, even though %s', async (_, change, code) => {
    await using place = await start({ replaceAuthentication: rememberCallers })
    place.standings.set(change)
    expect(await place.outcomes()).not.toEqual([code, code, code])
  })
})

/** Broken variant: a caller who was authenticated once stays authenticated for good. */
function rememberCallers({ authenticate, remembered }: Authentication): Authentication {
  const callers = new Map<string, Principal>()
  return {
    authenticate,
    remembered: (authorization) => {
      const principal = callers.get(authorization ?? '') ?? remembered(authorization)?.principal()
      if (principal && authorization !== undefined) callers.set(authorization, principal)
      return principal === undefined ? undefined : { principal: () => principal }
    },
  }
}

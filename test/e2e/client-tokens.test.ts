import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokensOf } from '#src/gateway/http/consistency-token.ts'
import { createConsistency } from '../../docs/clients/consistency.ts'
import { consistencyOf } from '../../docs/clients/server-side.ts'

const ignore = () => undefined

describe('the consistency tokens that a client keeps', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  it('are sent in one header, the newest first, in a form that the gateway can read', () => {
    const consistency = createConsistency(ignore)
    expect(consistency.headers()).toEqual({})
    consistency.answered('Rename', { consistencyToken: 'one' })
    consistency.answered('Read', {})
    consistency.answered('Rename', { consistencyToken: 'two' })
    expect(tokensOf(consistency.headers()['consistency-token'] ?? '', '')).toBe('two,one')
  })

  it('are at most seven, because the gateway reads at most eight tokens, including the token in the cookie', () => {
    const consistency = createConsistency(ignore)
    for (let write = 0; write < 20; write++) consistency.add(`token${write}`)
    const sent = tokensOf(consistency.headers()['consistency-token'] ?? '', 'tidegate-consistency=cookie')?.split(',')
    expect(sent).toEqual([...[19, 18, 17, 16, 15, 14, 13].map((write) => `token${write}`), 'cookie'])
  })

  it('are sent for one minute after they were received', () => {
    const consistency = createConsistency(ignore)
    consistency.add('old')
    vi.advanceTimersByTime(30_000)
    consistency.add('new')
    vi.advanceTimersByTime(29_999)
    expect(consistency.headers()).toEqual({ 'consistency-token': 'new,old' })
    vi.advanceTimersByTime(1)
    expect(consistency.headers()).toEqual({ 'consistency-token': 'new' })
  })

  it.each([
    ['tidegate-consistency=abc', 'abc'],
    ['theme=dark; tidegate-consistency=a-b_c; lang=en', 'a-b_c'],
    ['not-tidegate-consistency=abc', undefined],
    ['theme=dark', undefined],
  ])('are read, on a web server that renders pages, from the Cookie header "%s"', (cookie, token) => {
    const consistency = consistencyOf(new Request('http://application.test/', { headers: { cookie } }), ignore)
    expect(consistency.headers()['consistency-token']).toBe(token)
  })
})

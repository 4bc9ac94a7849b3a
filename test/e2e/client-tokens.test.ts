import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client'
import { Subject } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokensOf } from '#src/gateway/http/consistency-token.ts'
import { consistencyLink } from '../../docs/clients/apollo.ts'
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

/** A request that the server has not answered yet. */
interface Held {
  readonly token: string | undefined
  answer(result: ApolloLink.Result): void
}

/** Creates an Apollo Client whose requests a test answers in any order. */
function heldClient() {
  const held: Held[] = []
  const server = new ApolloLink((operation) => {
    const answers = new Subject<ApolloLink.Result>()
    const { headers } = operation.getContext() as { readonly headers: Readonly<Record<string, string>> }
    held.push({
      token: headers['consistency-token'],
      answer: (result) => {
        answers.next(result)
        answers.complete()
      },
    })
    return answers
  })
  const link = ApolloLink.from([consistencyLink(createConsistency(ignore)), server])
  const client = new ApolloClient({ cache: new InMemoryCache(), link })
  const name = () => client.query({ query: gql`query Name { name }`, fetchPolicy: 'network-only' }).then(({ data }) => data)
  const rename = () => client.mutate({ mutation: gql`mutation Rename { rename }` })
  const request = (index: number) => vi.waitUntil(() => held[index])
  return { name, rename, request, held }
}

describe('The link of docs/clients.md for Apollo Client', () => {
  it('repeats a query that was on its way while a write was acknowledged, because its answer may be older than the write.', async () => {
    const { name, rename, request, held } = heldClient()
    const [reading, writing] = [name(), rename()]
    ;(await request(1)).answer({ data: { rename: true }, extensions: { consistencyToken: 'written' } })
    await writing
    ;(await request(0)).answer({ data: { name: 'older' } })
    const repeated = await request(2)
    expect(repeated.token).toBe('written')
    repeated.answer({ data: { name: 'newer' } })
    expect(await reading).toEqual({ name: 'newer' })
    expect(held).toHaveLength(3)
  })

  it('sends a query once if no write was acknowledged since the query was sent.', async () => {
    const { name, rename, request, held } = heldClient()
    const writing = rename()
    ;(await request(0)).answer({ data: { rename: true }, extensions: { consistencyToken: 'written' } })
    await writing
    const reading = name()
    const sent = await request(1)
    expect(sent.token).toBe('written')
    sent.answer({ data: { name: 'newer' } })
    expect(await reading).toEqual({ name: 'newer' })
    expect(held).toHaveLength(2)
  })
})

import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client'
import { defer, of } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { REPEATING as ofGateway } from '#src/gateway/live/live-run.ts'
import { isRepeating, REPEATING, reopenLink } from '../../examples/front-end/src/reopen.ts'

const errorWith = (code: string) => ({ message: 'Refused.', extensions: { code } })

/** Counts the streams that the page opens of a query that ends each time with the error. */
async function openedStreams(code: string): Promise<number> {
  let opened = 0
  const stream = new ApolloLink(() =>
    defer(() => {
      opened++
      return of({ errors: [errorWith(code)] })
    }),
  )
  const link = ApolloLink.from([reopenLink(1000), stream])
  const client = new ApolloClient({ cache: new InMemoryCache(), link })
  const results = ApolloLink.execute(link, { query: gql('query Newest @live { calls { nodes { id } } }') }, { client })
  const subscription = results.subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(5500)
  subscription.unsubscribe()
  client.stop()
  return opened
}

describe('The page of the example front end', () => {
  it('takes the same errors for lasting ones as the gateway, which ends live queries with them', () => {
    expect([...REPEATING].sort()).toEqual([...ofGateway].sort())
    expect([isRepeating([errorWith('OVERLOADED'), errorWith('LIMIT_EXCEEDED')]), isRepeating([errorWith('OVERLOADED')])]).toEqual([
      true,
      false,
    ])
    expect(isRepeating(undefined)).toBe(false)
  })

  it('opens a live query again each second after an error that may pass, and never after one that lasts', async () => {
    vi.useFakeTimers()
    try {
      expect(await openedStreams('OVERLOADED')).toBe(6)
      for (const code of ['LIMIT_EXCEEDED', 'GRAPHQL_PARSE_FAILED']) expect([code, await openedStreams(code)]).toEqual([code, 1])
    } finally {
      vi.useRealTimers()
    }
  })
})

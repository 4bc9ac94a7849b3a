import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { Client, fetchExchange } from '@urql/core'
import { createClient, type Client as SseClient } from 'graphql-sse'
import { type FetchFunction, Network, type RequestParameters } from 'relay-runtime'
import { describe, expect, it } from 'vitest'
import { isLive, liveLink } from '../../docs/clients/live-apollo.ts'
import { liveFetch } from '../../docs/clients/live-relay.ts'
import { liveExchange } from '../../docs/clients/live-urql.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { bearer, startTinyServer } from '../threats/tiny-server.ts'

const LIVE = 'query Note @live { note(id: "1") { id text } }'
const ONCE = 'query Note { note(id: "1") { id text } }'

interface Endpoint {
  readonly sse: SseClient
  readonly url: string
  readonly headers: Record<string, string>
}

/** Calls back with the text of the note in each result. Returns the function that leaves. */
type Subscribe = (query: string, onText: (text: string | undefined) => void) => () => void

interface NoteData {
  readonly note?: { readonly text: string }
}

/** Each client library, set up as docs/clients.md shows. */
const libraries: readonly [string, (endpoint: Endpoint) => Subscribe][] = [
  [
    '@apollo/client',
    ({ sse, url, headers }) => {
      const link = ApolloLink.split(isLive, liveLink(sse), new HttpLink({ uri: url, headers }))
      const client = new ApolloClient({ link, cache: new InMemoryCache() })
      return (query, onText) => {
        const observed = client.watchQuery<NoteData>({ query: gql(query), fetchPolicy: 'network-only' })
        const subscription = observed.subscribe(({ data }) => onText((data as NoteData | undefined)?.note?.text))
        return () => subscription.unsubscribe()
      }
    },
  ],
  [
    '@urql/core',
    ({ sse, url, headers }) => {
      const client = new Client({ url, exchanges: [liveExchange(sse), fetchExchange], fetchOptions: { headers }, preferGetMethod: false })
      return (query, onText) => client.query<NoteData>(query, {}).subscribe(({ data }) => onText(data?.note?.text)).unsubscribe
    },
  ],
  [
    'relay-runtime',
    ({ sse, url, headers }) => {
      const usual: FetchFunction = async ({ text }) => {
        const sent = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ query: text }) }
        return (await fetch(url, sent)).json()
      }
      const network = Network.create(liveFetch(sse, usual))
      return (text, onText) => {
        const request = { id: null, cacheID: text, name: 'Note', operationKind: 'query', text, metadata: {} } satisfies RequestParameters
        const next = (result: unknown) => onText((result as { readonly data?: NoteData }).data?.note?.text)
        const subscription = network.execute(request, {}, {}).subscribe({ next })
        return () => subscription.unsubscribe()
      }
    },
  ],
]

describe('client libraries, with the code of docs/clients.md for live queries', () => {
  it.each(libraries)('%s shows each new result of a live query, and sends other queries as before', async (_, setUp) => {
    await using server = await startTinyServer()
    const { store, gateway } = server
    const write = async (text: string) => {
      store.put({ id: 1, tenantId: 'acme', folder: 'inbox', text })
      const { written } = store
      store.written = []
      await gateway.log.append(written)
    }
    await write('old')
    const url = `http://127.0.0.1:${server.port}/graphql`
    const headers = { authorization: await bearer(viewer('acme')) }
    const sse = createClient({ url, headers, retryAttempts: 0 })
    const subscribe = setUp({ sse, url, headers })
    const texts = async (query: string, last: string, onText: (text: string) => Promise<void>) => {
      const seen: string[] = []
      const { promise, resolve } = Promise.withResolvers<void>()
      const leave = subscribe(query, (text) => {
        if (text === undefined) return
        seen.push(text)
        void onText(text)
        if (text === last) resolve()
      })
      await promise
      leave()
      return seen
    }
    expect(await texts(LIVE, 'new', async (text) => (text === 'old' ? write('new') : undefined))).toEqual(['old', 'new'])
    expect(await texts(ONCE, 'new', async () => undefined)).toEqual(['new'])
    sse.dispose()
  })
})

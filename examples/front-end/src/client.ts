import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { createClient } from 'graphql-sse'
import { tap } from 'rxjs'
import { consistencyLink } from '../../../docs/clients/apollo.ts'
import { createConsistency, type Stale } from '../../../docs/clients/consistency.ts'
import { isLive, liveLink } from '../../../docs/clients/live-apollo.ts'
import { Freshness } from './freshness.ts'
import { fetchStream, reopenLink } from './reopen.ts'

/** Wait before a new connection for the live queries, ms. */
const RECONNECT_MS = 1000

export interface Desk {
  readonly client: ApolloClient
  readonly freshness: Freshness
  /** Must be called when the user signs out, so that nothing of this user is left. */
  close(): void
}

/** Creates the client of one user. @param accessToken Goes into the header Authorization, and nowhere else. */
export function createDesk(accessToken: string, uri: string): Desk {
  const freshness = new Freshness()
  // The other tabs of this user get the tokens of this tab's writes, so they show these writes at once, too.
  const tabs = new BroadcastChannel('consistency')
  const staleness = new Map<string, Stale | undefined>()
  const consistency = createConsistency((operation, stale) => staleness.set(operation, stale), tabs)
  const watchAnswers = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      tap(({ data, extensions }) => {
        // A result without data leaves the page as it was.
        if (!data) return
        const { response } = operation.getContext() as { readonly response?: Response }
        const { operationName = '' } = operation
        const answer = isLive(operation)
          ? { stale: extensions?.['stale'] as Stale | undefined, cache: 'LIVE' }
          : { stale: staleness.get(operationName), cache: response?.headers.get('x-cache') ?? undefined }
        freshness.answered(operationName, { at: Date.now(), ...answer })
      }),
    ),
  )
  const authorization = `Bearer ${accessToken}`
  const streams = createClient({
    url: uri,
    // A new connection carries the tokens of this user's writes, so its first result is not older than what the page shows.
    headers: () => ({ authorization, ...consistency.headers() }),
    retryAttempts: Number.POSITIVE_INFINITY,
    retry: () => {
      freshness.lost()
      return new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
    },
    fetchFn: fetchStream,
  })
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      isLive,
      ApolloLink.from([watchAnswers, reopenLink(RECONNECT_MS), liveLink(streams)]),
      ApolloLink.from([
        watchAnswers,
        // First the token of the newest write, then the hash of the query: `GET /graphql?extensions=…`, which browsers may revalidate.
        consistencyLink(consistency),
        new PersistedQueryLink({ sha256, useGETForHashedQueries: true }),
        new HttpLink({ uri, headers: { authorization, 'apollo-require-preflight': 'true' } }),
      ]),
    ),
  })
  return {
    client,
    freshness,
    close: () => {
      streams.dispose()
      tabs.close()
      client.stop()
    },
  }
}

/** Browsers have this function on pages of https and of localhost. */
async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

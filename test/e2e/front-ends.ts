import { hash } from 'node:crypto'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { Client, cacheExchange, type Exchange, fetchExchange } from '@urql/core'
import { persistedExchange } from '@urql/exchange-persisted'
import { GraphQLClient } from 'graphql-request'
import { consistencyLink } from '../../docs/clients/apollo.ts'
import { type Consistency, createConsistency } from '../../docs/clients/consistency.ts'
import { consistencyExchange } from '../../docs/clients/urql.ts'

export type Variables = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: data has the shape of its query
export type Data = Record<string, any>

/**
 * A front end as an application developer would write it, with the code of docs/clients.md that keeps and sends
 * consistency tokens. Its methods reject with the errors of the client library.
 */
export interface FrontEnd {
  query(document: string, variables?: Variables): Promise<Data>
  mutate(document: string, variables?: Variables): Promise<Data>
}

export interface FrontEndOptions {
  readonly url: string
  /** Value of the Authorization header; undefined for anonymous requests. */
  readonly authorization: string | undefined
  readonly fetch: typeof fetch
  /** Consistency tokens and staleness of this front end. Default: a new object, for an application that does not show staleness. */
  readonly consistency?: Consistency
}

const authorizationHeader = (authorization: string | undefined): Record<string, string> =>
  authorization === undefined ? {} : { authorization }
const ownConsistency = () => createConsistency(() => undefined)

export const apolloFrontEnd = (options: FrontEndOptions): FrontEnd => apollo(options, [])

/**
 * Creates a front end with Apollo Client that sends the SHA-256 of a query instead of its text, and sends the text only
 * if the server does not know the hash.
 */
export const apolloPersistedFrontEnd = (options: FrontEndOptions): FrontEnd =>
  apollo(options, [new PersistedQueryLink({ sha256: (text) => hash('sha256', text), useGETForHashedQueries: true })])

function apollo({ url, authorization, fetch, consistency = ownConsistency() }: FrontEndOptions, links: readonly ApolloLink[]): FrontEnd {
  const headers = { ...authorizationHeader(authorization), 'apollo-require-preflight': 'true' }
  const client = new ApolloClient({
    link: ApolloLink.from([consistencyLink(consistency), ...links, new HttpLink({ uri: url, fetch, headers })]),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  })
  return {
    query: async (document, variables = {}) => (await client.query<Data>({ query: gql(document), variables })).data ?? {},
    mutate: async (document, variables = {}) => (await client.mutate<Data>({ mutation: gql(document), variables })).data ?? {},
  }
}

export const urqlFrontEnd = (options: FrontEndOptions): FrontEnd => urql(options, [], [])

/**
 * Creates a front end with urql that sends only queries that the cache of urql cannot answer, and sends the hash of a
 * query instead of its text.
 */
export const urqlPersistedFrontEnd = (options: FrontEndOptions): FrontEnd =>
  urql(options, [cacheExchange], [persistedExchange({ preferGetForPersistedQueries: true })])

/** Creates a front end with urql, which sends queries by GET by default and so needs the header that forces a preflight. */
function urql(options: FrontEndOptions, caching: readonly Exchange[], sending: readonly Exchange[]): FrontEnd {
  const { url, authorization, fetch, consistency = ownConsistency() } = options
  const client = new Client({
    url,
    fetch,
    fetchOptions: { headers: { ...authorizationHeader(authorization), 'apollo-require-preflight': 'true' } },
    exchanges: [...caching, consistencyExchange(consistency), ...sending, fetchExchange],
  })
  const dataOf = ({ data, error }: { readonly data?: Data | undefined; readonly error?: Error | undefined }) => {
    if (error) throw error
    return data ?? {}
  }
  return {
    query: async (document, variables = {}) => dataOf(await client.query<Data>(document, variables).toPromise()),
    mutate: async (document, variables = {}) => dataOf(await client.mutation<Data>(document, variables).toPromise()),
  }
}

export function graphqlRequestFrontEnd({ url, authorization, fetch, consistency = ownConsistency() }: FrontEndOptions): FrontEnd {
  const client = new GraphQLClient(url, {
    fetch,
    headers: () => ({ ...authorizationHeader(authorization), ...consistency.headers() }),
    responseMiddleware: (response) => {
      if ('extensions' in response) consistency.answered('', response.extensions as Readonly<Record<string, unknown>> | undefined)
    },
  })
  const send = (document: string, variables: Variables = {}) => client.request<Data>(document, variables)
  return { query: send, mutate: send }
}

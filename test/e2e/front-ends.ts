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

/** A front end as its authors would write it, with the links of docs/clients.md. Rejects with its library's own error. */
export interface FrontEnd {
  query(document: string, variables?: Variables): Promise<Data>
  mutate(document: string, variables?: Variables): Promise<Data>
}

export interface FrontEndOptions {
  readonly url: string
  /** As the Authorization header has it; undefined: anonymous. */
  readonly authorization: string | undefined
  readonly fetch: typeof fetch
  /** Default: its own, for an application that shows no staleness. */
  readonly consistency?: Consistency
}

const authorizationHeader = (authorization: string | undefined): Record<string, string> =>
  authorization === undefined ? {} : { authorization }
const ownConsistency = () => createConsistency(() => undefined)

export const apolloFrontEnd = (options: FrontEndOptions): FrontEnd => apollo(options, [])

/** It names queries by their hashes, and sends the text of one only where the hash is not known. */
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

/** It asks the server only for what its own cache does not have, and names queries by their hashes. */
export const urqlPersistedFrontEnd = (options: FrontEndOptions): FrontEnd =>
  urql(options, [cacheExchange], [persistedExchange({ preferGetForPersistedQueries: true })])

/** urql sends queries by GET unless told otherwise: it has to name a header that makes a browser ask first. */
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

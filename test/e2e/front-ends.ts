import { hash } from 'node:crypto'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { Client, cacheExchange, type Exchange, fetchExchange, mapExchange } from '@urql/core'
import { persistedExchange } from '@urql/exchange-persisted'
import { GraphQLClient } from 'graphql-request'
import { tap } from 'rxjs'

export type Variables = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: data has the shape of its query
export type Data = Record<string, any>

/** A front end as its authors would write it: it sends back the newest consistency token it was given. Rejects with its library's own error. */
export interface FrontEnd {
  query(document: string, variables?: Variables): Promise<Data>
  mutate(document: string, variables?: Variables): Promise<Data>
}

export interface FrontEndOptions {
  readonly url: string
  /** As the Authorization header has it; undefined: anonymous. */
  readonly authorization: string | undefined
  readonly fetch: typeof fetch
}

export const authorizationHeader = (authorization: string | undefined): Record<string, string> =>
  authorization === undefined ? {} : { authorization }
export const tokenHeader = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { 'consistency-token': token }

/** The token is in the extensions of every answer that has one, as well as in a header. */
export const tokenIn = (extensions: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const token = extensions?.['consistencyToken']
  return typeof token === 'string' ? token : undefined
}

export const apolloFrontEnd = (options: FrontEndOptions): FrontEnd => apollo(options, [])

/** It names queries by their hashes, and sends the text of one only where the hash is not known. */
export const apolloPersistedFrontEnd = (options: FrontEndOptions): FrontEnd =>
  apollo(options, [new PersistedQueryLink({ sha256: (text) => hash('sha256', text), useGETForHashedQueries: true })])

function apollo({ url, authorization, fetch }: FrontEndOptions, links: readonly ApolloLink[]): FrontEnd {
  let token: string | undefined
  const carryToken = new ApolloLink((operation, forward) => {
    operation.setContext({ headers: tokenHeader(token) })
    return forward(operation).pipe(
      tap(({ extensions }) => {
        token = tokenIn(extensions) ?? token
      }),
    )
  })
  const headers = { ...authorizationHeader(authorization), 'apollo-require-preflight': 'true' }
  const client = new ApolloClient({
    link: ApolloLink.from([carryToken, ...links, new HttpLink({ uri: url, fetch, headers })]),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  })
  return {
    query: async (document, variables = {}) => (await client.query<Data>({ query: gql(document), variables })).data ?? {},
    mutate: async (document, variables = {}) => (await client.mutate<Data>({ mutation: gql(document), variables })).data ?? {},
  }
}

export const urqlFrontEnd = (options: FrontEndOptions): FrontEnd => urql(options, [])

/** It asks the server only for what its own cache does not have, and names queries by their hashes. */
export const urqlPersistedFrontEnd = (options: FrontEndOptions): FrontEnd =>
  urql(options, [cacheExchange, persistedExchange({ preferGetForPersistedQueries: true })])

/** urql sends queries by GET unless told otherwise: it has to name a header that makes a browser ask first. */
function urql({ url, authorization, fetch }: FrontEndOptions, exchanges: readonly Exchange[]): FrontEnd {
  let token: string | undefined
  const keepToken = mapExchange({
    onResult: ({ extensions }) => {
      token = tokenIn(extensions) ?? token
    },
  })
  const client = new Client({
    url,
    fetch,
    fetchOptions: () => ({
      headers: { ...authorizationHeader(authorization), ...tokenHeader(token), 'apollo-require-preflight': 'true' },
    }),
    exchanges: [keepToken, ...exchanges, fetchExchange],
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

export function graphqlRequestFrontEnd({ url, authorization, fetch }: FrontEndOptions): FrontEnd {
  let token: string | undefined
  const client = new GraphQLClient(url, {
    fetch,
    headers: () => ({ ...authorizationHeader(authorization), ...tokenHeader(token) }),
    responseMiddleware: (response) => {
      if ('headers' in response && response.headers instanceof Headers) token = response.headers.get('consistency-token') ?? token
    },
  })
  const send = (document: string, variables: Variables = {}) => client.request<Data>(document, variables)
  return { query: send, mutate: send }
}

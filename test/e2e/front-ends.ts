import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { Client, fetchExchange, mapExchange } from '@urql/core'
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

const authorizationHeader = (authorization: string | undefined): Record<string, string> =>
  authorization === undefined ? {} : { authorization }
const tokenHeader = (token: string | undefined): Record<string, string> => (token === undefined ? {} : { 'consistency-token': token })

/** The token is in the extensions of every answer that has one, as well as in a header. */
const tokenIn = (extensions: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const token = extensions?.['consistencyToken']
  return typeof token === 'string' ? token : undefined
}

export function apolloFrontEnd({ url, authorization, fetch }: FrontEndOptions): FrontEnd {
  let token: string | undefined
  const carryToken = new ApolloLink((operation, forward) => {
    operation.setContext({ headers: tokenHeader(token) })
    return forward(operation).pipe(
      tap(({ extensions }) => {
        token = tokenIn(extensions) ?? token
      }),
    )
  })
  const client = new ApolloClient({
    link: ApolloLink.from([carryToken, new HttpLink({ uri: url, fetch, headers: authorizationHeader(authorization) })]),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  })
  return {
    query: async (document, variables = {}) => (await client.query<Data>({ query: gql(document), variables })).data ?? {},
    mutate: async (document, variables = {}) => (await client.mutate<Data>({ mutation: gql(document), variables })).data ?? {},
  }
}

/** urql sends queries by GET unless told otherwise: it has to name a header that makes a browser ask first. */
export function urqlFrontEnd({ url, authorization, fetch }: FrontEndOptions): FrontEnd {
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
    exchanges: [keepToken, fetchExchange],
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

import { ApolloLink, Observable } from '@apollo/client'
import { Kind, print } from 'graphql'
import type { Client } from 'graphql-sse'

/** Whether an operation has the directive `@live`. */
export const isLive = ({ query }: ApolloLink.Operation): boolean =>
  query.definitions.some(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.directives?.some(({ name }) => name.value === 'live'),
  )

export const liveLink = (client: Client) =>
  new ApolloLink(
    ({ query, variables, operationName }) =>
      new Observable<ApolloLink.Result>((sink) =>
        client.subscribe(
          { query: print(query), variables, ...(operationName ? { operationName } : {}) },
          {
            next: (result) => sink.next(result as ApolloLink.Result),
            error: (error) => sink.error(error),
            complete: () => sink.complete(),
          },
        ),
      ),
  )

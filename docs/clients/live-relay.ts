import type { Client } from 'graphql-sse'
import { type FetchFunction, type GraphQLResponse, Observable } from 'relay-runtime'

/** Fetches live queries over a client of graphql-sse, and all other operations with `usual`. */
export const liveFetch =
  (client: Client, usual: FetchFunction): FetchFunction =>
  (request, variables, ...others) =>
    /^query\b[^{]*@live\b/.test(request.text ?? '')
      ? Observable.create<GraphQLResponse>((sink) =>
          client.subscribe<GraphQLResponse>(
            { query: request.text ?? '', variables },
            {
              next: (result) => sink.next(result as GraphQLResponse),
              error: (error) => sink.error(error as Error),
              complete: () => sink.complete(),
            },
          ),
        )
      : usual(request, variables, ...others)

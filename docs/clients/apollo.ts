import { ApolloLink, type Observable } from '@apollo/client'
import { mergeMap, of } from 'rxjs'
import type { Consistency } from './consistency.ts'

export const consistencyLink = (consistency: Consistency) =>
  new ApolloLink((operation, forward) => {
    const send = (): Observable<ApolloLink.Result> => {
      const sent = consistency.newest()
      operation.setContext(({ headers }) => ({ headers: { ...headers, ...consistency.headers() } }))
      return forward(operation).pipe(
        mergeMap((answer) => {
          const known = consistency.newest()
          // A write was acknowledged while this query was on its way, so the answer may be older than the write: ask again.
          if (operation.operationType === 'query' && known !== undefined && known !== sent) return send()
          consistency.answered(operation.operationName ?? '', answer.extensions)
          return of(answer)
        }),
      )
    }
    return send()
  })

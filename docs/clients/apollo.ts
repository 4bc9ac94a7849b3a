import { ApolloLink } from '@apollo/client'
import { tap } from 'rxjs'
import type { Consistency } from './consistency.ts'

export const consistencyLink = (consistency: Consistency) =>
  new ApolloLink((operation, forward) => {
    operation.setContext(({ headers }) => ({ headers: { ...headers, ...consistency.headers() } }))
    return forward(operation).pipe(tap(({ extensions }) => consistency.answered(operation.operationName ?? '', extensions)))
  })

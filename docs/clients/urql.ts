import { getOperationName, makeOperation, mapExchange } from '@urql/core'
import type { Consistency } from './consistency.ts'

export const consistencyExchange = (consistency: Consistency) =>
  mapExchange({
    onOperation(operation) {
      const { fetchOptions } = operation.context
      const options = typeof fetchOptions === 'function' ? fetchOptions() : fetchOptions
      const headers = { ...(options?.headers as Record<string, string>), ...consistency.headers() }
      return makeOperation(operation.kind, operation, { ...operation.context, fetchOptions: { ...options, headers } })
    },
    onResult: ({ operation, extensions }) => consistency.answered(getOperationName(operation.query) ?? '', extensions),
  })

import { subscriptionExchange } from '@urql/core'
import { Kind } from 'graphql'
import type { Client } from 'graphql-sse'

export const liveExchange = (client: Client) =>
  subscriptionExchange({
    isSubscriptionOperation: ({ query }) =>
      query.definitions.some(
        (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.directives?.some(({ name }) => name.value === 'live'),
      ),
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables: { ...variables } }, sink) }),
    }),
  })

import type { GraphQLSchema } from 'graphql'
import {
  type ConcreteRequest,
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime'
import { createConsistency } from '../../docs/clients/consistency.ts'
import { consistentFetch } from '../../docs/clients/relay.ts'
import type { Data, FrontEnd, FrontEndOptions, Variables } from './front-ends.ts'
import { relayRequest } from './relay-request.ts'

/**
 * Creates a Relay environment with the fetch function of docs/clients.md. The environment accepts requests in the
 * format of Relay's compiler.
 */
export function openRelay({ url, authorization = '', fetch, consistency = createConsistency(() => undefined) }: FrontEndOptions) {
  const send = consistentFetch(url, authorization, consistency, fetch)
  const environment = new Environment({ network: Network.create(send), store: new Store(new RecordSource()) })
  const query = async (request: ConcreteRequest, variables: Variables): Promise<Data> => {
    // Retains the result like a mounted component, so that Relay's store does not drop the result.
    environment.retain(createOperationDescriptor(request, variables))
    return (await fetchQuery(environment, request, variables).toPromise()) as Data
  }
  const mutate = (mutation: ConcreteRequest, variables: Variables): Promise<Data> =>
    new Promise((resolve, reject) => {
      commitMutation(environment, {
        mutation,
        variables,
        onCompleted: (data, errors) => (errors?.length ? reject(new Error(JSON.stringify(errors))) : resolve(data)),
        onError: reject,
      })
    })
  return { environment, query, mutate }
}

/** Returns a function that creates Relay front ends. @param schema Schema that Relay's compiler would use. */
export function relayFrontEnd(schema: GraphQLSchema): (options: FrontEndOptions) => FrontEnd {
  return (options) => {
    const { query, mutate } = openRelay(options)
    return {
      query: (document, variables = {}) => query(relayRequest(schema, document), variables),
      mutate: (document, variables = {}) => mutate(relayRequest(schema, document), variables),
    }
  }
}

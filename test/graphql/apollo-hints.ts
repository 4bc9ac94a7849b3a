import { ApolloServer, HeaderMap } from '@apollo/server'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import { type DocumentNode, type GraphQLFieldResolver, type GraphQLSchema, print, visit } from 'graphql'
import type { CacheHint } from '#src/gateway/graphql/schema/hint-policy.ts'

/** Copies a hint to a plain object for comparisons, because a cache policy also has methods. */
export function plainHint({ maxAge, scope }: CacheHint): CacheHint {
  return { maxAge, scope }
}

/** Apollo Server with its own cache control plugin, for a given schema. */
export class ApolloHints {
  readonly #server: ApolloServer
  #policy: CacheHint = {}

  constructor(schema: GraphQLSchema, fieldResolver?: GraphQLFieldResolver<unknown, unknown>) {
    this.#server = new ApolloServer({
      schema,
      ...(fieldResolver && { fieldResolver }),
      dangerouslyDisableValidation: true,
      stopOnTerminationSignals: false,
      plugins: [
        ApolloServerPluginCacheControl(),
        {
          requestDidStart: async () => ({
            willSendResponse: async ({ overallCachePolicy }) => {
              this.#policy = plainHint(overallCachePolicy)
            },
          }),
        },
      ],
    })
  }

  /**
   * Executes an operation. @returns the cache hint of the operation with all fields, ignoring @skip and @include;
   * undefined if the operation fails.
   */
  async of(
    document: DocumentNode,
    operationName?: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<CacheHint | undefined> {
    const complete = visit(document, { Directive: ({ name }) => (name.value === 'skip' || name.value === 'include' ? null : undefined) })
    const http = { method: 'POST', headers: new HeaderMap(), search: '', body: undefined }
    const { body } = await this.#server.executeOperation({
      query: print(complete),
      variables: { ...variables },
      ...(operationName !== undefined && { operationName }),
      http,
    })
    return body.kind === 'single' && !body.singleResult.errors ? this.#policy : undefined
  }

  async stop(): Promise<void> {
    await this.#server.stop()
  }
}

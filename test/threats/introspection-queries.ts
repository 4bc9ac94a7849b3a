import { getIntrospectionQuery, type IntrospectionOptions } from 'graphql'

const FLAGS = [
  'descriptions',
  'specifiedByUrl',
  'directiveIsRepeatable',
  'schemaDescription',
  'inputValueDeprecation',
  'oneOf',
] as const satisfies readonly (keyof IntrospectionOptions)[]
/**
 * Nesting depths of types in introspection queries: the usual depth, the depth of older versions of graphql-js, and the
 * depths for servers that limit the depth.
 */
const TYPE_DEPTHS = [9, 7, 3, 1, 15]

/**
 * Yields the introspection queries that tools send: the query of graphql-js with its options in any combination, and
 * variants of this query.
 */
export function* introspectionQueries(): Iterable<readonly [name: string, query: string]> {
  for (let bits = 0; bits < 2 ** FLAGS.length; bits++) {
    const set = FLAGS.filter((_, index) => (bits >> index) & 1)
    const options = Object.fromEntries(FLAGS.map((flag) => [flag, set.includes(flag)]))
    yield [`with ${set.join(', ') || 'no option'}`, getIntrospectionQuery(options)]
  }
  for (const typeDepth of TYPE_DEPTHS) yield [`with ${typeDepth} levels of types`, getIntrospectionQuery({ typeDepth })]
  const usual = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true })
  yield ['as GraphiQL asks', usual]
  yield ['as GraphiQL asks a server without subscriptions', usual.replace(/subscriptionType\s*\{[^}]*\}/, '')]
  yield ['as Apollo Sandbox asks', usual.replace(/query \w+/, 'query IntrospectionQuery')]
  yield ['with __typename in every selection', usual.replaceAll(/\{(?=\s*\w)/g, '{ __typename ')]
  yield ['as graphql-codegen asks', getIntrospectionQuery({ descriptions: true, directiveIsRepeatable: true })]
  yield ['without a name, on one line', usual.replace(/query \w+/, 'query').replaceAll(/\s+/g, ' ')]
}

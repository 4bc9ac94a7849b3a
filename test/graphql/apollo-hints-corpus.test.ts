import { getDocumentNodeFromSchema } from '@graphql-tools/utils'
import {
  buildASTSchema,
  type DocumentNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
  parse,
  validate,
  visit,
} from 'graphql'
import { beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import { DocumentPlanner, type OperationPlan } from '#src/gateway/graphql/document/document-plan.ts'
import { type CacheHint, restrictedBy } from '#src/gateway/graphql/schema/hint-policy.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import { type CorpusOperation, corpus, type Ids } from '../corpus/operations.ts'
import { ApolloHints, plainHint } from './apollo-hints.ts'

const IDS: Ids = {
  tenant: toGlobalId('Tenant', 't1'),
  user: toGlobalId('User', '1'),
  campaigns: [toGlobalId('Campaign', '1'), toGlobalId('Campaign', '2')],
  domain: toGlobalId('Domain', '1'),
  domainName: 'roof.com',
  liveDomain: 'solar.com',
  text: 'roof',
  call: toGlobalId('Call', '1'),
  bid: toGlobalId('Bid', '1'),
  buyer: toGlobalId('Buyer', '1'),
  publisher: toGlobalId('Publisher', '1'),
  foreignCampaign: toGlobalId('Campaign', '3'),
  from: '2026-02-01T00:00:00.000Z',
  to: '2026-02-20T00:00:00.000Z',
}

/**
 * Resolvers that return a value for every field. A list of an interface type contains every possible type; a single
 * field of an interface type contains one type, chosen by the test.
 */
class Mock {
  choice = 0
  choices = 1

  resolve = (_parent: unknown, _args: unknown, _context: unknown, { returnType, schema }: GraphQLResolveInfo): unknown =>
    this.#value(returnType, schema)

  #value(wanted: GraphQLOutputType, schema: GraphQLSchema): unknown {
    const type = getNullableType(wanted)
    if (isListType(type)) {
      const item = getNullableType(type.ofType)
      return isAbstractType(item) ? schema.getPossibleTypes(item).map(({ name }) => ({ __typename: name })) : [this.#value(item, schema)]
    }
    if (isObjectType(type)) return {}
    if (isEnumType(type)) return type.getValues()[0]?.value
    if (!isAbstractType(type)) return type.name === 'String' || type.name === 'ID' ? 'text' : 1
    const members = schema.getPossibleTypes(type)
    this.choices = Math.max(this.choices, members.length)
    return { __typename: members[this.choice % members.length]?.name }
  }
}

interface Compared {
  readonly operation: CorpusOperation
  readonly plan: OperationPlan
  readonly withoutInheritance: OperationPlan
  readonly apollo: CacheHint
}

describe('the cache hints of the operations in the test corpus', () => {
  const compared: Compared[] = []

  beforeAll(async () => {
    const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
    const build = (document: DocumentNode) =>
      buildGatewaySchema({ typeDefs: document, modules: createIdleModules(), overrides: {}, localId })
    const gateway = build(typeDefs)
    const planner = new DocumentPlanner(gateway)
    const ignorant = new DocumentPlanner(build(withoutInheritance(typeDefs)))
    const mock = new Mock()
    const apollo = new ApolloHints(buildASTSchema(getDocumentNodeFromSchema(gateway.schema)), mock.resolve)
    for (const operation of corpus(gateway.schema, IDS)) {
      const document = validDocument(gateway.schema, operation.document)
      if (!document) continue
      const plan = planner.plan(document, operation.operationName)
      const hints: (CacheHint | undefined)[] = []
      mock.choices = 1
      for (mock.choice = 0; mock.choice < mock.choices; mock.choice++)
        hints.push(await apollo.of(document, operation.operationName, operation.variables))
      const known = hints.filter((hint) => hint !== undefined)
      const other = ignorant.plan(document, operation.operationName)
      if (plan && other && known.length === hints.length)
        compared.push({ operation, plan, withoutInheritance: other, apollo: plainHint(restrictedBy(known)) })
    }
    await apollo.stop()
  })

  it("equal the hints that Apollo Server's cache control plugin computes, for every operation that can be executed", () => {
    expect(compared.length).toBeGreaterThan(60)
    const differing = compared.filter(({ plan, apollo }) => plan.hint.maxAge !== apollo.maxAge || plan.hint.scope !== apollo.scope)
    expect(differing.map(({ operation, plan, apollo }) => [operation.name, plainHint(plan.hint), apollo])).toEqual([])
  })

  it('allow caching for every query except introspection and what is known of callers and decisions, which is never cached', () => {
    const kept = compared.filter(({ plan }) => plan.kind === 'query' && !plan.introspection)
    expect(kept.filter(({ plan }) => !plan.hint.maxAge).map(({ operation }) => operation.name)).toEqual([
      'generated: suppressions',
      'generated: callerStatus',
      'generated: callerStatus, bare',
      'generated: routingDecisions',
      'generated: valuableRoutes',
    ])
  })

  it.each<[string, (compared: Compared) => CacheHint]>([
    ['inheritMaxAge was ignored', ({ withoutInheritance }) => withoutInheritance.hint],
    ['only the first field was considered', ({ plan }) => plan.fieldHints[0]?.settled ?? {}],
    ['scopes were ignored', ({ plan }) => ({ maxAge: plan.hint.maxAge })],
  ])("would differ from the hints of Apollo's plugin if %s", (_, broken) => {
    const differing = compared.filter((each) => {
      const { maxAge, scope } = broken(each)
      return maxAge !== each.apollo.maxAge || scope !== each.apollo.scope
    })
    expect(differing.length).toBeGreaterThan(0)
  })
})

/** Returns undefined if the document is rejected before execution: the corpus contains such operations too. */
function validDocument(schema: GraphQLSchema, text: string): DocumentNode | undefined {
  try {
    const document = parse(text)
    return validate(schema, document).length > 0 ? undefined : document
  } catch (error) {
    if (error instanceof GraphQLError) return undefined
    throw error
  }
}

/** Simulates a gateway that ignores inheritMaxAge. */
function withoutInheritance(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: (node) => {
      if (node.name.value !== 'cacheControl') return undefined
      return { ...node, arguments: (node.arguments ?? []).filter(({ name }) => name.value !== 'inheritMaxAge') }
    },
  })
}

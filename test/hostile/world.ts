import { type GraphQLSchema, getOperationAST, parse, validate } from 'graphql'
import { compileCost } from '../../src/graphql/limits/operation-cost.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from '../../src/graphql/schema.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import type { Random } from '../../src/seed/random.ts'
import { type CorpusOperation, corpus, type Ids } from '../corpus/operations.ts'

/** What generators of hostile requests know of the gateway. */
export interface World {
  readonly ids: Ids
  readonly corpus: readonly CorpusOperation[]
  readonly schema: GraphQLSchema
  /** What the gateway will say that a document costs; NaN for one that is not valid. */
  costOf(document: string): number
}

/** Makes one hostile document. */
export type Shape = (random: Random, world: World) => string

export async function openWorld(ids: Ids): Promise<World> {
  const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  const gateway = buildGatewaySchema({ typeDefs, modules: createModules(), overrides: {}, localId })
  return { ids, corpus: corpus(gateway.schema, ids), schema: gateway.schema, costOf: (document) => costOf(gateway, document) }
}

function costOf({ schema, costs }: GatewaySchema, text: string): number {
  const document = parse(text)
  const operation = getOperationAST(document)
  if (!operation || validate(schema, document).length > 0) return Number.NaN
  return compileCost(schema, costs, document, operation)({}, Date.now())
}

/** Texts made by `make`, separated by spaces. */
export function times(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(' ')
}

/** How often something is repeated: below the limits, at them, above them. */
export function someCount(random: Random, atMost = 20_000): number {
  return Math.min(atMost, random.pick([2, 8, 20, 45, 50, 90, 140, 400, 900, 1900, 5000, 20_000]))
}

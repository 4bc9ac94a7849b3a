import { type GraphQLSchema, getOperationAST, parse, validate } from 'graphql'
import { localId } from '#src/gateway/contract/global-id.ts'
import { compileCost } from '#src/gateway/graphql/document/limits/operation-cost.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import type { Random } from '#src/market/seed/random.ts'
import { type CorpusOperation, corpus, type Ids } from '../corpus/operations.ts'

/** Knowledge about the gateway that generators of hostile requests use. */
export interface World {
  readonly ids: Ids
  readonly corpus: readonly CorpusOperation[]
  readonly schema: GraphQLSchema
  /** Returns the cost that the gateway computes for a document, or NaN if the document is invalid. */
  costOf(document: string): number
}

/** Makes one hostile document. */
export type Shape = (random: Random, world: World) => string

export async function openWorld(ids: Ids): Promise<World> {
  const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  const gateway = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })
  return { ids, corpus: corpus(gateway.schema, ids), schema: gateway.schema, costOf: (document) => costOf(gateway, document) }
}

function costOf({ schema, costs }: GatewaySchema, text: string): number {
  const document = parse(text)
  const operation = getOperationAST(document)
  if (!operation || validate(schema, document).length > 0) return Number.NaN
  return compileCost(schema, costs, document, operation)({}, Date.now())
}

/** Returns texts made by `make`, separated by spaces. */
export function times(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(' ')
}

/** Returns a random number of repetitions below, at or above the usual limits. */
export function someCount(random: Random, atMost = 20_000): number {
  return Math.min(atMost, random.pick([2, 8, 20, 45, 50, 90, 140, 400, 900, 1900, 5000, 20_000]))
}

import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
} from 'graphql'
import type { GatewayContext } from '../context.ts'
import { ItemWork } from './item-work.ts'
import { isList } from './list-sizes.ts'

type Resolver = GraphQLFieldResolver<unknown, GatewayContext>

/** Makes every list of objects ask the execution's budget before its items are completed. Lists of texts and numbers are short. */
export function budgetLists(schema: GraphQLSchema): void {
  const work = new ItemWork()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields()))
      if (isList(field) && isCompositeType(getNamedType(field.type))) field.resolve = budgeted(field.resolve ?? defaultFieldResolver, work)
  }
}

function budgeted(resolve: Resolver, work: ItemWork): Resolver {
  return (parent, args, context, info) => {
    const given = resolve(parent, args, context, info)
    return given instanceof Promise ? given.then((list) => paced(list, context, info, work)) : paced(given, context, info, work)
  }
}

function paced(list: unknown, { budget }: GatewayContext, info: GraphQLResolveInfo, work: ItemWork): unknown {
  if (!Array.isArray(list)) return list
  const itemWork = work.of(info)
  const turn = budget.take(list.length, itemWork)
  return turn ? turn.then(() => budget.spread(list, itemWork)) : budget.spread(list, itemWork)
}

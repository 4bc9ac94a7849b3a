import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema, getNamedType, isCompositeType, isObjectType } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { isList } from './list-sizes.ts'

/** Makes every list of objects ask the execution's budget before its items are completed. Lists of texts and numbers are short. */
export function budgetLists(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields()))
      if (isList(field) && isCompositeType(getNamedType(field.type))) field.resolve = budgeted(field.resolve ?? defaultFieldResolver)
  }
}

function budgeted(resolve: GraphQLFieldResolver<unknown, GatewayContext>): GraphQLFieldResolver<unknown, GatewayContext> {
  return (parent, args, context, info) => {
    const given = resolve(parent, args, context, info)
    return given instanceof Promise ? given.then((list) => paced(list, context)) : paced(given, context)
  }
}

function paced(list: unknown, { budget }: GatewayContext): unknown {
  if (!Array.isArray(list)) return list
  const turn = budget.take(list.length)
  return turn ? turn.then(() => budget.spread(list)) : budget.spread(list)
}

import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
} from 'graphql'
import { isList } from '../../schema/list-sizes.ts'
import type { GatewayContext } from '../context.ts'
import { ItemWork } from './item-work.ts'

type Resolver = GraphQLFieldResolver<unknown, GatewayContext>
type Paced = (value: unknown, context: GatewayContext, info: GraphQLResolveInfo) => unknown

/**
 * Makes fields that return objects charge the work for these objects to the budget of the execution, before the objects are completed.
 * Lists of objects are always charged. A single object is charged if the resolver returned a promise. Thousands of fields may wait for the
 * same row. Without this charge, all of them would be completed in one turn of the event loop. Lists of scalars are not charged, because
 * they are short.
 */
export function budgetFields(schema: GraphQLSchema): void {
  const work = new ItemWork()
  const list: Paced = (value, { budget }, info) => (Array.isArray(value) ? budget.list(value, work.of(info)) : value)
  const single: Paced = (value, { budget }, info) => {
    const turn = value === null ? undefined : budget.spend(work.of(info))
    return turn ? turn.then(() => value) : value
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (!isCompositeType(getNamedType(field.type))) continue
      const { resolve } = field
      if (isList(field)) field.resolve = pacedAlways(resolve ?? defaultFieldResolver, list)
      else if (resolve) field.resolve = pacedLater(resolve, single)
    }
  }
}

function pacedAlways(resolve: Resolver, pace: Paced): Resolver {
  return (parent, args, context, info) => {
    const given = resolve(parent, args, context, info)
    return given instanceof Promise ? given.then((value) => pace(value, context, info)) : pace(given, context, info)
  }
}

function pacedLater(resolve: Resolver, pace: Paced): Resolver {
  return (parent, args, context, info) => {
    const given = resolve(parent, args, context, info)
    return given instanceof Promise ? given.then((value) => pace(value, context, info)) : given
  }
}

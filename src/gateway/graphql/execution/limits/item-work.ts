import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLResolveInfo,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { isList } from '../../schema/list-sizes.ts'

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'returnType' | 'schema'>

/** Work for a list item without its fields. The unit of work is to read one field from an object, which takes about 0.5 µs. */
const ITEM = 5
const PLAIN_FIELD = 1
/** Work for a field with a resolver, which reads arguments, may load a value, and may fail. */
const RESOLVED_FIELD = 10

/**
 * Estimates the work to complete one item of a list. The estimate includes the selected fields of the item and of its nested objects. It
 * does not include the items of nested lists, because they are charged separately. The estimate of each selection set is computed only
 * once.
 */
export class ItemWork {
  readonly #known = new WeakMap<SelectionSetNode, number>()

  of({ fieldNodes, fragments, returnType, schema }: Info): number {
    const type = getNamedType(returnType)
    if (!isCompositeType(type)) return ITEM
    const ofSet = (set: SelectionSetNode, type: GraphQLCompositeType): number => {
      const known = this.#known.get(set)
      if (known !== undefined) return known
      let work = 0
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) work += ofField(selection, type)
        else if (selection.kind === Kind.INLINE_FRAGMENT)
          work += ofSet(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? type)
        else {
          const fragment = fragments[selection.name.value]
          if (fragment) work += ofSet(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value) ?? type)
        }
      }
      this.#known.set(set, work)
      return work
    }
    const typeNamed = (name: string | undefined) => {
      const named = name === undefined ? undefined : schema.getType(name)
      return isCompositeType(named) ? named : undefined
    }
    const ofField = (node: FieldNode, parent: GraphQLCompositeType): number => {
      const field = fieldOf(parent, node.name.value)
      const own = (field?.resolve || isInterfaceType(parent) ? RESOLVED_FIELD : PLAIN_FIELD) + literalValues(node)
      const inner = field && !isList(field) ? getNamedType(field.type) : undefined
      return own + (node.selectionSet && isCompositeType(inner) ? ofSet(node.selectionSet, inner) : 0)
    }
    return fieldNodes.reduce((sum, { selectionSet }) => sum + (selectionSet ? ofSet(selectionSet, type) : 0), ITEM)
  }
}

function fieldOf(type: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
}

/** Returns the number of values in the literal arguments of a field. These values are read again for each object that has the field. */
function literalValues({ arguments: given = [] }: FieldNode): number {
  return given.reduce((sum, { value }) => sum + valuesIn(value), 0)
}

function valuesIn(value: ValueNode): number {
  if (value.kind === Kind.LIST) return value.values.reduce((sum, item) => sum + valuesIn(item), 1)
  if (value.kind === Kind.OBJECT) return value.fields.reduce((sum, field) => sum + valuesIn(field.value), 1)
  return 1
}

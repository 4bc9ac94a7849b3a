import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql'

/** Bounds of the number of items that a field returns, from its `@listSize` directive. */
export interface ListSize {
  /** Maximum number of items. */
  readonly assumedSize: number
  /**
   * Arguments that determine the number of items: a number by its value, and a list by its length. `config.limit` stands for the field
   * `limit` of the argument `config`.
   */
  readonly slicingArguments: readonly string[]
  /** Number of items if none of the slicing arguments is given. Null means `assumedSize`. */
  readonly slicingArgumentDefaultValue: number | null
  /** Fields of the returned object that contain the items; empty if the field returns the list itself. */
  readonly sizedFields: readonly string[]
  /** Two arguments of type DateTime between which the field returns one item for each hour; empty if the field has no such arguments. */
  readonly hoursBetween: readonly string[]
  /** Two arguments of type DateTime between which the field returns one item for each day; empty if the field has no such arguments. */
  readonly daysBetween: readonly string[]
}

/** Declarations by which the cost of an operation is computed, by the coordinate of the field. */
export interface FieldCosts {
  /** Sizes of lists, from `@listSize`. */
  readonly sizes: ReadonlyMap<string, ListSize>
  /** Weights of fields, from `@cost`, if they are not 1. */
  readonly weights: ReadonlyMap<string, number>
}

/**
 * Reads the directives `@cost` and `@listSize`. They follow IBM's specification of cost directives, but this gateway supports only a part
 * of that specification. Also adds the sizes of the lists that introspection returns, which are computed from the schema.
 */
export function readFieldCosts(schema: GraphQLSchema): FieldCosts {
  const sizes = new Map<string, ListSize>(introspectionSizes(schema))
  const weights = new Map<string, number>()
  const listSize = schema.getDirective('listSize')
  const cost = schema.getDirective('cost')
  for (const { coordinate, field } of fieldsOf(schema)) {
    const size = listSize && field.astNode && getDirectiveValues(listSize, field.astNode)
    // The schema is valid, so the values have the types that the directives declare.
    if (size) sizes.set(coordinate, { slicingArgumentDefaultValue: null, ...size } as unknown as ListSize)
    const weight = cost && field.astNode && getDirectiveValues(cost, field.astNode)?.['weight']
    if (typeof weight === 'number') weights.set(coordinate, weight)
  }
  return { sizes, weights }
}

/** Finds lists whose length has no bound in the schema, and `@listSize` directives that name a missing argument or field. */
export function* listSizeProblems(schema: GraphQLSchema): Iterable<string> {
  const { sizes, weights } = readFieldCosts(schema)
  const fields = [...fieldsOf(schema)]
  for (const { coordinate, owner, field } of fields) {
    const size = sizes.get(coordinate)
    if (size) yield* namesThatAreMissing(coordinate, field, size)
    if ((weights.get(coordinate) ?? 0) < 0) yield `${coordinate}: @cost(weight:) must be 0 or more.`
    if (!isList(field) || (size && size.sizedFields.length === 0)) continue
    const givers = fields.filter((giver) => getNamedType(giver.field.type) === owner)
    for (const giver of givers) {
      if (!sizes.get(giver.coordinate)?.sizedFields.includes(field.name))
        yield `${coordinate}: is a list, and nothing says how long it can be: give it @listSize(assumedSize:), or name it in the sizedFields of ${giver.coordinate}.`
    }
    if (givers.length === 0) yield `${coordinate}: is a list, and nothing says how long it can be: give it @listSize(assumedSize:).`
  }
}

function* namesThatAreMissing(coordinate: string, field: GraphQLField<unknown, unknown>, size: ListSize): Iterable<string> {
  for (const name of [...size.slicingArguments, ...size.hoursBetween, ...size.daysBetween])
    if (!field.args.some((argument) => argument.name === name.split('.')[0]))
      yield `${coordinate}: @listSize names the argument ${name}, which the field does not have.`
  const result = getNamedType(field.type)
  const members = isObjectType(result) || isInterfaceType(result) ? result.getFields() : {}
  for (const name of size.sizedFields)
    if (!Object.hasOwn(members, name)) yield `${coordinate}: @listSize names the field ${name}, which ${result.name} does not have.`
}

function* fieldsOf(
  schema: GraphQLSchema,
): Iterable<{ coordinate: string; owner: GraphQLNamedType; field: GraphQLField<unknown, unknown> }> {
  for (const owner of Object.values(schema.getTypeMap())) {
    if (owner.name.startsWith('__') || !(isObjectType(owner) || isInterfaceType(owner))) continue
    for (const field of Object.values(owner.getFields())) yield { coordinate: `${owner.name}.${field.name}`, owner, field }
  }
}

export function isList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(getNullableType(field.type))
}

function* introspectionSizes(schema: GraphQLSchema): Iterable<[string, ListSize]> {
  const types = Object.values(schema.getTypeMap())
  const directives = schema.getDirectives()
  const members = (type: GraphQLNamedType, name: string): readonly unknown[] => {
    const given = name in type ? Reflect.get(type, name) : undefined
    return typeof given === 'function' ? Object.values(given.call(type)) : []
  }
  const most = (counts: readonly number[]) => Math.max(1, ...counts)
  const fields = most(types.map((type) => (isObjectType(type) || isInterfaceType(type) ? members(type, 'getFields').length : 0)))
  const args = most([
    ...[...fieldsOf(schema)].map(({ field }) => field.args.length),
    ...directives.map((directive) => directive.args.length),
  ])
  const counts: Readonly<Record<string, number>> = {
    '__Schema.types': types.length,
    '__Schema.directives': directives.length,
    '__Type.fields': fields,
    '__Type.inputFields': most(types.map((type) => members(type, 'getFields').length)),
    '__Type.enumValues': most(types.map((type) => members(type, 'getValues').length)),
    '__Type.interfaces': most(types.map((type) => members(type, 'getInterfaces').length)),
    '__Type.possibleTypes': types.length,
    '__Field.args': args,
    '__Directive.args': args,
    '__Directive.locations': 20,
  }
  for (const [coordinate, assumedSize] of Object.entries(counts))
    yield [
      coordinate,
      { assumedSize, slicingArguments: [], slicingArgumentDefaultValue: null, sizedFields: [], hoursBetween: [], daysBetween: [] },
    ]
}

import {
  buildClientSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** Values for the arguments of generated operations. */
export interface Pool {
  /** Value for every argument of type ID. */
  readonly id: string
  /** Value for every cursor argument; null omits the argument. */
  readonly cursor: string | null
  readonly domainName: string
  readonly text: string
  readonly currency: string
  readonly version: number
  readonly eventId: string
  /** Start of every time range. */
  readonly from: string
  readonly to: string
  /** Whether to omit every optional argument. */
  readonly bare?: boolean
}

export interface Operation {
  readonly field: string
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

const DEEPEST = 5

export function readSchema(introspection: unknown): GraphQLSchema {
  return buildClientSchema(introspection as IntrospectionQuery)
}

export const introspectionQuery = getIntrospectionQuery()

/**
 * Returns an operation with one root field, all its arguments, and every nested field that has no required arguments.
 */
export function operationOf(kind: 'query' | 'mutation', field: GraphQLField<unknown, unknown>, pool: Pool): Operation {
  const args = field.args.filter((argument) =>
    pool.bare ? isRequired(argument) : inputOf(argument.type, argument.name, pool) !== undefined,
  )
  const declared = args.map((argument) => `$${argument.name}: ${argument.type}`)
  const given = args.map((argument) => `${argument.name}: $${argument.name}`)
  return {
    field: field.name,
    query: `${kind}${declared.length > 0 ? `(${declared.join(', ')})` : ''} { ${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${selection(field.type, 1)} }`,
    variables: Object.fromEntries(args.map((argument) => [argument.name, inputOf(argument.type, argument.name, pool)])),
  }
}

function selection(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type)
  if (named.name === 'Node') return '{ __typename id }'
  if (!isObjectType(named)) return ''
  return `{ ${membersOf(named, depth).join(' ')} }`
}

function membersOf(type: GraphQLObjectType, depth: number): string[] {
  const members = Object.values(type.getFields()).flatMap((field) => {
    // `asOf` is the time of the load, so it differs between two gateways that give the same answer.
    if (field.args.some(isRequired) || field.name === 'asOf') return []
    const isObject = isObjectType(getNamedType(field.type))
    if (isObject && depth >= DEEPEST) return []
    const page = field.args.some(({ name }) => name === 'first') ? '(first: 3)' : ''
    return [`${field.name}${page} ${selection(field.type, depth + 1)}`]
  })
  return members.length > 0 ? members : ['__typename']
}

function isRequired(argument: GraphQLArgument): boolean {
  return isNonNullType(argument.type) && argument.defaultValue === undefined
}

/** Returns a value for an argument, or undefined if the argument is to be omitted. */
function inputOf(type: GraphQLInputType, name: string, pool: Pool): unknown {
  if (isNonNullType(type)) return inputOf(type.ofType, name, pool)
  if (isListType(type)) return [inputOf(type.ofType, name, pool)]
  if (isInputObjectType(type)) {
    return Object.fromEntries(
      Object.values(type.getFields())
        .map((field) => [field.name, inputOf(field.type, field.name, pool)])
        .filter(([, value]) => value !== undefined),
    )
  }
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (name === 'after') return pool.cursor ?? undefined
  if (name === 'first') return 5
  // A page has either `first` or `last`, and `before` would limit the page to the items before the cursor in `after`.
  if (name === 'last' || name === 'before') return undefined
  // Candidates are asked for now. Other times must be near, but the times of the pool are those of the sample data.
  if (name === 'at') return undefined
  if (name === 'version') return pool.version
  const simple: Record<string, unknown> = {
    ID: pool.id,
    DomainName: pool.domainName,
    Boolean: true,
    Float: 1,
    MinorUnits: 100,
    Int: 60,
    Count: 5,
  }
  if (type.name === 'Condition') return { attribute: 'state', operator: '=', value: 'CA' }
  if (type.name === 'TimeZone') return 'America/New_York'
  if (type.name === 'DateTime') return /from|start|occurred|given/i.test(name) ? pool.from : pool.to
  if (type.name in simple) return simple[type.name]
  if (/state/i.test(name)) return 'CA'
  const texts: Record<string, string> = {
    currency: pool.currency,
    tlds: 'com',
    eventId: pool.eventId,
    patterns: '{keyword}',
    timeZone: 'UTC',
    from: '09:00',
    until: '17:00',
    holidays: '2026-12-25',
    caller: '+12125550123',
    zip: '90210',
  }
  return texts[name] ?? pool.text
}

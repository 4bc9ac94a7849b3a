import { type GraphQLSchema, getVariableValues, Kind, TypeInfo, validate, visit, visitWithTypeInfo } from 'graphql'
import { hasRole, requiredRole } from '../graphql/schema/roles.ts'
import type { Role } from '../identity/principal.ts'
import type { Replay } from './replay.ts'
import { type PlacedOperation, type WarmProblem, wrongFile } from './warm-file.ts'
import { recordedOperations, type WarmOperation } from './warm-operation.ts'

export interface CheckOptions {
  readonly schema: GraphQLSchema
  readonly replay: Pick<Replay, 'prepare'>
  /** Current time, Unix epoch ms. */
  readonly now: number
}

/** Placeholder for the tenants of an operation. No check depends on the name of the tenant. */
const ANY_TENANT = ['tenant']

/**
 * Checks the operations of a file with queries to be warmed. A request must be able to execute each operation, and the response must be
 * cacheable.
 * @param file Path of the file, for error messages.
 * @throws GatewayError CONFIGURATION that names the file and, for each problem, the line, the query and the remedy.
 */
export function checkWarmFile(file: string, placed: readonly PlacedOperation[], options: CheckOptions): readonly WarmOperation[] {
  const problems = placed.flatMap((one) => problemsOf(one, options))
  if (problems.length > 0) throw wrongFile(file, problems)
  return placed.map(({ operation }) => operation)
}

function problemsOf({ operation, line, document }: PlacedOperation, { schema, replay, now }: CheckOptions): readonly WarmProblem[] {
  const problem = (text: string, at = line): WarmProblem => ({ line: at, text: `query ${operation.name}: ${text}` })
  const invalid = validate(schema, document)
  if (invalid.length > 0)
    return invalid.map(({ message, locations = [] }) =>
      problem(`expected a query that is valid for the schema, got: ${message} Correct it.`, locations[0]?.line),
    )
  const definitions = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? (node.variableDefinitions ?? []) : [],
  )
  for (const { variables } of recordedOperations(operation, ANY_TENANT, now).slice(0, operation.variables.length)) {
    const { errors } = getVariableValues(schema, definitions, { ...variables })
    if (errors) return errors.map(({ message }) => problem(`expected variables that fit, got: ${message} Correct them in @warm.`))
    const unknown = Object.keys(variables).find((name) => !definitions.some(({ variable }) => variable.name.value === name))
    if (unknown !== undefined)
      return [problem(`expected variables that the query declares, got ${unknown}. Declare it, or remove it from @warm.`)]
  }
  if (operation.tenants !== undefined) {
    const refused = refusedField(schema, document, operation.roles)
    if (refused) return [problem(refused.text, refused.line)]
  }
  for (const recorded of recordedOperations(operation, ANY_TENANT, now)) {
    const prepared = replay.prepare(recorded)
    if (typeof prepared === 'string') return [problem(`expected a query that can be warmed, got: ${prepared}. Change or remove it.`)]
    if (operation.tenants === undefined && prepared.plan.scope !== 'PUBLIC')
      return [problem('expected tenants, because it reads data of tenants. Add tenants: ACTIVE, or a list of tenants, to @warm.')]
  }
  return []
}

/**
 * Finds the first field that a caller with one of these roles may not select. Returns the text and the line of the problem; undefined if
 * there is no such field.
 */
function refusedField(schema: GraphQLSchema, document: PlacedOperation['document'], roles: readonly Role[]) {
  const typeInfo = new TypeInfo(schema)
  let found: { readonly text: string; readonly line: number | undefined } | undefined
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field({ name, loc }) {
        const field = typeInfo.getFieldDef()
        const required = field ? requiredRole(field) : undefined
        const role = required && roles.find((candidate) => !hasRole(candidate, required))
        if (!role || found) return
        const text = `expected fields that ${role} may select, got ${name.value}, which requires ${required}. Remove the field, or warm the query for ${required} alone.`
        found = { text, line: loc?.startToken.line }
      },
    }),
  )
  return found
}

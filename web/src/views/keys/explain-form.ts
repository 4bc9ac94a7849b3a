import type { ExplainInput } from '../../../../src/operations/admin/contract.ts'
import { tidegateLine } from '../purging/command-line.ts'

/** Content of the form for an operation. */
export interface OperationFields {
  readonly query: string
  readonly operationName: string
  /** JSON object; empty for none. */
  readonly variables: string
  readonly tenant: string
  readonly role: 'VIEWER' | 'EDITOR' | 'ADMIN'
  readonly userId: string
}

export const EMPTY_OPERATION: OperationFields = { query: '', operationName: '', variables: '', tenant: '', role: 'VIEWER', userId: '' }

type Question = { readonly key: string } | { readonly operation: OperationFields }

/** Returns the body of the call, or a sentence that says what is missing. */
export function explainBody(question: Question): ExplainInput | string {
  if ('key' in question) {
    const key = question.key.trim()
    return key === '' ? 'Expected a key, such as acme:Campaign:["42"].' : { key }
  }
  const { query, operationName, variables, tenant, role, userId } = question.operation
  if (query.trim() === '') return 'Expected a GraphQL operation, such as { campaigns(first: 3) { nodes { name } } }.'
  const parsed = objectOf(variables)
  if (parsed === undefined) return 'Expected the variables as a JSON object, such as {"first": 3}.'
  return {
    operation: {
      query,
      role,
      ...(operationName.trim() === '' ? {} : { operationName: operationName.trim() }),
      ...(Object.keys(parsed).length === 0 ? {} : { variables: parsed }),
      ...(tenant.trim() === '' ? {} : { tenant: tenant.trim() }),
      ...(userId.trim() === '' ? {} : { userId: userId.trim() }),
    },
  }
}

/** Returns the command line that asks the same. */
export function explainLine({ key, operation }: ExplainInput): string {
  if (operation === undefined) return tidegateLine('explain', key === undefined ? [] : [key], {})
  const { query, operationName, variables, tenant, role, userId } = operation
  return tidegateLine('explain', [], {
    tenant,
    role,
    user: userId,
    operation: operationName,
    variables: variables === undefined ? undefined : JSON.stringify(variables),
    query,
  })
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

import type { Role } from '../identity/principal.ts'

/**
 * A query as clients sent it, with the tenant and the role of the caller. With these data, the query can be executed again without a
 * request.
 */
export interface RecordedOperation {
  /** Text of the document, exactly as sent. */
  readonly document: string
  readonly operationName?: string | undefined
  /** Variables as sent, without default values. The cache key of a response contains the variables in this form. */
  readonly variables: Readonly<Record<string, unknown>>
  /** Tenant of the caller; null for an anonymous caller. */
  readonly tenant: string | null
  /** Role of the caller; null for an anonymous caller. */
  readonly role: Role | null
  /** User id of the caller. It is required if the response depends on the user, and has no effect otherwise. */
  readonly userId?: string | undefined
  /**
   * Whether an operator wrote the document. Such a document is executed even if it is not in the manifest of trusted documents. Default:
   * false.
   */
  readonly isTrusted?: boolean
}

import { PUBLIC_TENANT } from '../../engine/cache/model/entity.ts'
import { GatewayError } from '../../errors.ts'
import { ownerOf } from '../budgets/fair-store.ts'
import { checkRequest, type RequestChecks } from '../graphql/document/check-request.ts'
import type { DocumentPlanner } from '../graphql/document/document-plan.ts'
import { type EnvelopeSource, readEnvelope } from '../graphql/document/envelope.ts'
import { InvalidRequestError } from '../graphql/document/invalid-request.ts'
import type { Operation } from '../graphql/document/prepared-operation.ts'
import type { Principal } from '../identity/principal.ts'

export interface ReadLiveParts extends RequestChecks {
  readonly planner: DocumentPlanner
  /** Current time, Unix epoch ms. */
  readonly now: () => number
}

/**
 * Reads a live query from a request, with the checks of any other request. Returns undefined if the request has no live query, or must be
 * refused: the endpoint then answers it, and tells the client why.
 */
export function readLive(source: EnvelopeSource, viewer: Principal | null, parts: ReadLiveParts): Operation | undefined {
  if (viewer?.tenant === PUBLIC_TENANT) return undefined
  const { documents, trusted, planner, limits, now } = parts
  const owner = ownerOf(viewer)
  try {
    const envelope = readEnvelope(source, (id) => trusted.answersFor(id))
    const { query, operationName, variables = {} } = checkRequest(envelope, owner, parts)
    const stored = query === undefined ? undefined : documents.use(query, owner)
    const plan = stored && planner.plan(stored.document, operationName)
    if (!plan?.isLive || plan.introspection) return undefined
    const cost = plan.cost(variables, now())
    if (cost > limits.maxCost) return undefined
    const { document, documentHash } = stored as NonNullable<typeof stored>
    return { document, documentHash, operationName, variables, viewer, plan, cost }
  } catch (error) {
    if (error instanceof GatewayError || error instanceof InvalidRequestError) return undefined
    throw error
  }
}

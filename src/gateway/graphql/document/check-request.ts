import type { DocumentStore } from './document-store.ts'
import type { Envelope } from './envelope.ts'
import { checkVariableTexts } from './limits/input-text.ts'
import type { RequestLimits } from './limits/limits.ts'
import { checkRequestLimits } from './limits/request-limits.ts'
import type { TrustedDocuments } from './trusted/trusted-documents.ts'

export interface RequestChecks {
  readonly documents: DocumentStore
  readonly trusted: TrustedDocuments
  readonly limits: RequestLimits
}

/**
 * Checks the parts of a request: trusted documents, limits, texts of variables, and the document against the schema. A document that is not
 * trusted is refused before it is parsed. Afterwards, the document store contains the document, unless the text of the document cannot be
 * parsed.
 * @param owner Owner of the request: see FairStore.
 * @returns the parts of the request. If the request names a trusted document by an id, the text of that document replaces the id.
 * @throws GatewayError @throws InvalidRequestError
 */
export function checkRequest(asked: Envelope, owner: string, checks: RequestChecks): Envelope {
  const envelope = checkParts(asked, checks)
  if (envelope.query !== undefined) checks.documents.check(envelope.query, owner)
  return envelope
}

/** Checks the parts of a request as {@link checkRequest} does, except the document against the schema. @throws GatewayError */
export function checkParts(asked: Envelope, { trusted, limits }: Pick<RequestChecks, 'trusted' | 'limits'>): Envelope {
  const envelope = trusted.resolve(asked)
  checkRequestLimits(envelope, limits)
  checkVariableTexts(envelope.variables)
  return envelope
}

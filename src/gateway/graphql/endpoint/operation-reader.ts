import { getOperationAST } from 'graphql'
import { PUBLIC_TENANT } from '../../../engine/cache/model/entity.ts'
import { GatewayError } from '../../../errors.ts'
import { ownerOf } from '../../budgets/fair-store.ts'
import type { Principal } from '../../identity/principal.ts'
import type { RawRequest } from '../../responses/request-index.ts'
import { answerType } from '../answers/media-type.ts'
import { checkParts, checkRequest } from '../document/check-request.ts'
import type { DocumentPlanner } from '../document/document-plan.ts'
import type { DocumentStore } from '../document/document-store.ts'
import { type Envelope, type EnvelopeSource, readEnvelope } from '../document/envelope.ts'
import { InvalidRequestError } from '../document/invalid-request.ts'
import type { RequestLimits } from '../document/limits/limits.ts'
import type { Operation } from '../document/prepared-operation.ts'
import type { TrustedDocuments } from '../document/trusted/trusted-documents.ts'
import { parseJson } from './json-body.ts'

export interface OperationReaderOptions {
  readonly documents: DocumentStore
  readonly trusted: TrustedDocuments
  readonly planner: DocumentPlanner
  readonly limits: RequestLimits
  /** Current time, Unix epoch ms. */
  readonly now: () => number
}

/** A query that was read from a request, and the value of `Content-Type` in its response. */
export interface ReadQuery {
  readonly operation: Operation
  readonly contentType: string
}

/** Media type of a body that is JSON in UTF-8. */
const JSON_IN_UTF8 = /^application\/json(?:;\s*charset="?utf-8"?)?$/i

/** Reads operations from requests, and checks the requests against the limits. */
export class OperationReader {
  readonly #options: OperationReaderOptions

  constructor(options: OperationReaderOptions) {
    this.#options = options
  }

  /**
   * Reads the parts of a request and checks them. A document that is not trusted is refused before it is parsed. Afterwards, the document
   * store contains the document, unless the text of the document cannot be parsed.
   * @param owner Owner of the request: see FairStore.
   * @throws GatewayError @throws InvalidRequestError
   */
  envelopeOf(source: EnvelopeSource, owner: string): Envelope {
    return checkRequest(this.#partsOf(source), owner, this.#options)
  }

  /**
   * Reads a query whose document was checked before, so that nothing is parsed except JSON. Returns undefined for every other request:
   * a new document, a mutation, an automatic persisted query, or a request that must be refused.
   */
  readKnown(raw: RawRequest, viewer: Principal | null): ReadQuery | undefined {
    try {
      return this.#readKnown(raw, viewer)
    } catch (error) {
      // The request is read again by the code that reports the error to the client.
      if (error instanceof GatewayError || error instanceof InvalidRequestError) return undefined
      throw error
    }
  }

  #partsOf(source: EnvelopeSource): Envelope {
    return readEnvelope(source, (id) => this.#options.trusted.answersFor(id))
  }

  #readKnown(raw: RawRequest, viewer: Principal | null): ReadQuery | undefined {
    const { documents, planner, limits } = this.#options
    const mediaType = answerType(raw.accept === '' ? undefined : raw.accept)
    const source = mediaType === null || viewer?.tenant === PUBLIC_TENANT ? undefined : sourceOf(raw)
    if (!source) return undefined
    const owner = ownerOf(viewer)
    const { query, operationName, variables = {}, extensions } = checkParts(this.#partsOf(source), this.#options)
    const stored = query === undefined || extensions?.['persistedQuery'] ? undefined : documents.use(query, owner)
    if (!stored) return undefined
    const plan = planner.plan(stored.document, operationName)
    if (plan?.kind !== 'query' || plan.introspection) return undefined
    const cost = plan.cost(variables, this.#options.now())
    if (cost > limits.maxCost) return undefined
    const { document, documentHash } = stored
    const name = operationName ?? getOperationAST(document)?.name?.value
    return {
      operation: { document, documentHash, operationName: name, variables, viewer, plan, cost },
      contentType: `${mediaType}; charset=utf-8`,
    }
  }
}

/** Returns the source of a request that no check of Apollo Server concerns; undefined for another request. */
function sourceOf({ method, text, contentType, preflighted }: RawRequest): EnvelopeSource | undefined {
  if (typeof text === 'string') return preflighted && contentType === '' ? { search: text.slice(text.indexOf('?') + 1) } : undefined
  return method === 'POST' && JSON_IN_UTF8.test(contentType) ? { body: parseJson(text) } : undefined
}

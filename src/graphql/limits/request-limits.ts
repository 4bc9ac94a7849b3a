import type { DocumentStore } from '../document-store.ts'
import { checkInputSize } from './input-size.ts'
import type { RequestLimits } from './limits.ts'

/** The parts of a request, as a POST has them in its body and a GET in its query string. Nothing is known of them yet. */
interface Envelope {
  readonly query?: unknown
  readonly variables?: unknown
  readonly extensions?: unknown
  readonly operationName?: unknown
}

/**
 * Checks a request before any library reads its parts.
 * @param body Of a POST, as JSON; undefined for a GET.
 * @param search The query string of a GET.
 * @throws LimitExceededError
 */
export function checkRequestLimits(body: unknown, search: string, documents: DocumentStore, limits: RequestLimits): void {
  const envelope = body === undefined ? envelopeOfSearch(search) : body
  if (typeof envelope !== 'object' || envelope === null) return
  const { query, variables, extensions, operationName }: Envelope = envelope
  for (const input of [variables, extensions, operationName]) checkInputSize(input, limits)
  if (typeof query === 'string') documents.check(query)
}

function envelopeOfSearch(search: string): Envelope {
  const parameters = new URLSearchParams(search)
  const json = (name: string): unknown => {
    try {
      return JSON.parse(parameters.get(name) ?? 'null')
    } catch {
      return undefined
    }
  }
  return {
    query: parameters.get('query'),
    variables: json('variables'),
    extensions: json('extensions'),
    operationName: parameters.get('operationName'),
  }
}

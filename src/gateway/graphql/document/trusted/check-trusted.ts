import { setImmediate as nextTurn } from 'node:timers/promises'
import { GatewayError } from '../../../../errors.ts'
import { ownerOf } from '../../../budgets/fair-store.ts'
import type { DocumentStore } from '../document-store.ts'
import { cut } from '../error-format.ts'
import { InvalidRequestError } from '../invalid-request.ts'
import { entryName, wrongManifest } from './manifest.ts'
import type { TrustedDocuments } from './trusted-documents.ts'

/** Maximum number of faulty documents that the error message names. */
const MAX_NAMED = 10

/**
 * Checks that each trusted document can be executed: it must parse, be within the limits and be valid for the schema. The checked documents
 * stay in the store, so that requests find them there.
 * @throws GatewayError CONFIGURATION with a line for each faulty document, up to ten.
 */
export async function checkTrusted({ file, documents }: TrustedDocuments, store: Pick<DocumentStore, 'checkAtStart'>): Promise<void> {
  const problems: string[] = []
  for (const [id, text] of documents) {
    const problem = problemOf(text, store)
    if (problem !== undefined) problems.push(`${entryName(id)}: expected a document that can be executed, got: ${problem}`)
    // Other work gets a turn of the event loop here, because the cache must read the invalidation log meanwhile.
    await nextTurn()
  }
  if (problems.length === 0) return
  const others = problems.length - MAX_NAMED
  const lines = [...problems.slice(0, MAX_NAMED), ...(others > 0 ? [`${others} other entries are wrong, too.`] : [])]
  throw wrongManifest(file, `${lines.join('\n')}\nGenerate the manifest for the schema of this release, or leave these entries out.`)
}

function problemOf(text: string, store: Pick<DocumentStore, 'checkAtStart'>): string | undefined {
  try {
    store.checkAtStart(text, ownerOf(null))
    return undefined
  } catch (error) {
    if (error instanceof InvalidRequestError)
      return error.problems.map(({ message, locations = [] }) => `${cut(message)}${placeOf(locations[0])}`).join(' ')
    if (error instanceof GatewayError) return error.message
    throw error
  }
}

function placeOf(location: { readonly line: number; readonly column: number } | undefined): string {
  return location ? ` (line ${location.line}, column ${location.column})` : ''
}

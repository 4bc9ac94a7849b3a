import { type ASTNode, type DocumentNode, Kind, type SourceLocation, visit } from 'graphql'

const LINE_BREAK = /\r\n|[\n\r]/g

/**
 * Stores the locations of the AST nodes of documents. For each error, graphql-js would scan the whole text to find the line of a node,
 * which takes seconds for a text with thousands of errors and lines. This class scans each document once, and removes the locations from
 * the nodes, so that graphql-js does not scan again.
 */
export class NodePositions {
  readonly #known = new WeakMap<ASTNode, SourceLocation>()

  /** Removes the locations from the nodes of a document. This object stores them as long as the nodes exist. */
  takeFrom(document: DocumentNode): DocumentNode {
    const text = document.loc?.source.body ?? ''
    const lineStarts = [0, ...Array.from(text.matchAll(LINE_BREAK), ({ 0: lineBreak, index }) => index + lineBreak.length)]
    visit(document, {
      enter: (node) => {
        if (!node.loc || node.kind === Kind.DOCUMENT) return
        this.#known.set(node, locationIn(lineStarts, node.loc.start))
        Reflect.set(node, 'loc', undefined)
      },
    })
    return document
  }

  of(nodes: readonly ASTNode[] | undefined): readonly SourceLocation[] | undefined {
    const locations = nodes?.flatMap((node) => this.#known.get(node) ?? [])
    return locations && locations.length > 0 ? locations : undefined
  }
}

/** Returns the line and the column of a position in the text, both counted from 1. */
function locationIn(lineStarts: readonly number[], position: number): SourceLocation {
  let low = 0
  let high = lineStarts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((lineStarts[middle] ?? 0) <= position) low = middle
    else high = middle
  }
  return { line: low + 1, column: position - (lineStarts[low] ?? 0) + 1 }
}

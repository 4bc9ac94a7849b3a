import { type ASTNode, type DocumentNode, Kind, type SourceLocation, visit } from 'graphql'

const LINE_BREAK = /\r\n|[\n\r]/g

/**
 * Where the nodes of documents stand. graphql-js looks for the line of a node when an error is made, by walking through the text: with
 * thousands of errors and thousands of lines that takes seconds. Here each document is walked through once, and its nodes keep no
 * location of their own.
 */
export class NodePositions {
  readonly #known = new WeakMap<ASTNode, SourceLocation>()

  /** Takes the locations from the nodes of a document, and remembers them as long as the nodes live. */
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

/** Lines and columns are counted from 1. */
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

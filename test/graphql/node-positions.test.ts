import { type ASTNode, getLocation, parse, visit } from 'graphql'
import { describe, expect, it } from 'vitest'
import { NodePositions } from '#src/gateway/graphql/document/node-positions.ts'
import { startTinyGateway, viewer } from './tiny-gateway.ts'

function nodesOf(text: string): ASTNode[] {
  const nodes: ASTNode[] = []
  visit(parse(text), { enter: (node) => void (node.kind !== 'Document' && nodes.push(node)) })
  return nodes
}

describe('the positions of AST nodes in a document', () => {
  it.each([
    ['\n', 'a line feed'],
    ['\r\n', 'a carriage return and a line feed'],
    ['\r', 'a carriage return'],
    [' ', 'no line break'],
  ])('are the same as graphql-js finds if lines end with %j (%s)', (lineBreak) => {
    const text = ['', 'query A($id: ID! = "x") {', '  # a comment', '  node(id: $id) { ...F }', '}', 'fragment F on Node { id }', '']
      .map((line) => (lineBreak === ' ' ? line.replace('# a comment', '') : line))
      .join(lineBreak)
    const positions = new NodePositions()
    const expected = nodesOf(text).map(({ loc }) => loc && getLocation(loc.source, loc.start))
    const document = positions.takeFrom(parse(text))
    const found: unknown[] = []
    visit(document, { enter: (node) => void (node.kind !== 'Document' && found.push([node.loc, positions.of([node])?.[0]])) })
    expect(found).toEqual(expected.map((location) => [undefined, location]))
    expect(found.length).toBeGreaterThan(10)
  })

  it('are undefined for nodes of another document', () => {
    expect(new NodePositions().of(nodesOf('{ a }'))).toBeUndefined()
    expect(new NodePositions().of(undefined)).toBeUndefined()
  })
})

describe('an error in a response', () => {
  it.each([
    ['an error thrown by a resolver', 'query ($how: String!) {\n\n  fails(how: $how) }', { how: 'taken' }, [{ line: 3, column: 3 }]],
    ['an error in a variable', 'query (\n $how: String!) { fails(how: $how) }', {}, [{ line: 2, column: 2 }]],
    ['a validation error', '{ ok:\n\n nonsense }', {}, [{ line: 1, column: 3 }]],
  ])('states its position in the document, the first time and later: %s', async (_, query, variables, locations) => {
    await using gateway = await startTinyGateway()
    for (let time = 1; time <= 4; time++) {
      const { errors } = await gateway.ask(query, { viewer: viewer('t1'), variables })
      expect([time, errors[0]]).toEqual([time, expect.objectContaining({ locations })])
    }
  })
})

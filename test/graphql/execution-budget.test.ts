import { buildSchema, type FieldNode, GraphQLError, type GraphQLResolveInfo, isObjectType, Kind, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { MAX_ERRORS, withFewErrors } from '#src/gateway/graphql/document/limits/error-count.ts'
import { ExecutionBudget } from '#src/gateway/graphql/execution/limits/execution-budget.ts'
import { ItemWork } from '#src/gateway/graphql/execution/limits/item-work.ts'

const { limits } = readConfig({})
const schema = buildSchema(`
  interface Node { id: ID! }
  type Item implements Node { id: ID! name: String child(a: [Int!], t: String): Item list: [Item!]! }
  type Query { list: [Item!]! nodes: [Node]! }
`)
const item = schema.getType('Item')
if (isObjectType(item)) for (const name of ['child', 'list']) Object.assign(item.getFields()[name] ?? {}, { resolve: () => null })

/** Returns the resolve info of the first root field. */
function infoOf(text: string): Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'returnType' | 'schema'> {
  const document = parse(text)
  const fragments: Record<string, GraphQLResolveInfo['fragments'][string]> = {}
  const fieldNodes: FieldNode[] = []
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
    if (definition.kind === Kind.OPERATION_DEFINITION)
      fieldNodes.push(...definition.selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD))
  }
  const returnType = schema.getQueryType()?.getFields()[fieldNodes[0]?.name.value ?? '']?.type ?? expect.unreachable()
  return { fieldNodes, fragments, returnType, schema }
}

describe('the estimated work per list item', () => {
  it.each([
    ['plain fields', '{ list { id name } }', 5 + 2],
    ['a field with a resolver, together with the fields below it', '{ list { child { id name } } }', 5 + 10 + 2],
    ['a nested list, without the fields below that list', '{ list { list { id name child { id } } } }', 5 + 10],
    ['literals in arguments', '{ list { child(a: [1, 2, 3], t: "x") { id } } }', 5 + 10 + 4 + 1 + 1],
    [
      'fragments',
      '{ list { ...F ... on Item { name } } } fragment F on Item { id child { ...G } } fragment G on Item { id }',
      5 + 1 + 10 + 1 + 1,
    ],
    ['a list that is selected several times', '{ list { id } list { name } }', 5 + 2],
    ['fields of an interface and of one of its types', '{ nodes { id ... on Item { name } } }', 5 + 10 + 1],
  ])('is correct for %s', (_, text, expected) => {
    expect(new ItemWork().of(infoOf(text))).toBe(expected)
  })
})

describe('the work budget of an execution', () => {
  function startBudget() {
    let turns = 0
    const budget = new ExecutionBudget(limits, { monotonic: () => 0, nextTurn: async () => void turns++ }, true)
    return { budget, turns: () => turns }
  }

  const list = (length: number) => Array.from({ length }, (_, index) => index)

  it('completes lists in the current turn of the event loop until the budget of the turn is used up', () => {
    const { budget } = startBudget()
    const items = list(20)
    for (let number = 0; number < 10; number++) expect(budget.list(items, 50)).toBe(items)
  })

  it('defers a list to the next turn of the event loop if earlier lists have used up the budget of the current turn', async () => {
    const { budget, turns } = startBudget()
    const items = list(100)
    expect(budget.list(items, 100)).toBe(items)
    await budget.list(list(10), 100)
    expect(turns()).toBe(1)
  })

  it('splits even a short list over several turns of the event loop if each item is much work', async () => {
    const { budget, turns } = startBudget()
    budget.allowSlices()
    const slices = await budget.list(list(100), 1000)
    expect(await Promise.all(slices)).toEqual(list(100))
    expect(turns()).toBe(9)
  })

  it('does not divide a list into parts while compiled code executes the operation, because compiled code cannot wait between the parts', async () => {
    const { budget } = startBudget()
    const items = [1, 2, 3]
    expect(await budget.list(items, 1_000_000)).toBe(items)
  })
})

describe('the errors in a response', () => {
  it('are all listed up to a limit, and above the limit one more error says how many are omitted', () => {
    const errors = (count: number) => Array.from({ length: count }, () => new GraphQLError('It failed.'))
    expect(withFewErrors({ errors: errors(MAX_ERRORS) }).errors).toHaveLength(MAX_ERRORS)
    const few = withFewErrors({ data: null, errors: errors(MAX_ERRORS + 7) })
    expect(few.errors).toHaveLength(MAX_ERRORS + 1)
    expect(few.errors?.at(-1)?.message).toMatch(/^7 more fields failed/)
    expect(few.data).toBeNull()
  })
})

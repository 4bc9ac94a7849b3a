import { buildSchema, type FieldNode, GraphQLError, type GraphQLResolveInfo, isObjectType, Kind, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { MAX_ERRORS, withFewErrors } from '../../src/graphql/limits/error-count.ts'
import { ExecutionBudget } from '../../src/graphql/limits/execution-budget.ts'
import { ItemWork } from '../../src/graphql/limits/item-work.ts'

const { limits } = readConfig({})
const schema = buildSchema(`
  interface Node { id: ID! }
  type Item implements Node { id: ID! name: String child(a: [Int!], t: String): Item list: [Item!]! }
  type Query { list: [Item!]! nodes: [Node]! }
`)
const item = schema.getType('Item')
if (isObjectType(item)) for (const name of ['child', 'list']) Object.assign(item.getFields()[name] ?? {}, { resolve: () => null })

/** What the resolver of the first root field is told. */
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

describe('the work of an item', () => {
  it.each([
    ['plain fields', '{ list { id name } }', 5 + 2],
    ['a field with a resolver, with what is below it', '{ list { child { id name } } }', 5 + 10 + 2],
    ['a list, without what is below it', '{ list { list { id name child { id } } } }', 5 + 10],
    ['literals', '{ list { child(a: [1, 2, 3], t: "x") { id } } }', 5 + 10 + 4 + 1 + 1],
    [
      'fragments',
      '{ list { ...F ... on Item { name } } } fragment F on Item { id child { ...G } } fragment G on Item { id }',
      5 + 1 + 10 + 1 + 1,
    ],
    ['several selections of one list', '{ list { id } list { name } }', 5 + 2],
    ['fields of an interface, and of a type that has it', '{ nodes { id ... on Item { name } } }', 5 + 10 + 1],
  ])('counts %s', (_, text, expected) => {
    expect(new ItemWork().of(infoOf(text))).toBe(expected)
  })
})

describe('the budget of an execution', () => {
  function startBudget() {
    let turns = 0
    const budget = new ExecutionBudget(limits, { monotonic: () => 0, nextTurn: async () => void turns++ }, true)
    return { budget, turns: () => turns }
  }

  it('lets lists of little work be completed at once', () => {
    const { budget } = startBudget()
    for (let list = 0; list < 10; list++) expect(budget.take(20, 50)).toBeUndefined()
  })

  it('has a list wait for a turn of its own when those before it were as much work as a turn may be', async () => {
    const { budget, turns } = startBudget()
    expect(budget.take(100, 100)).toBeUndefined()
    await budget.take(10, 100)
    expect(turns()).toBe(1)
  })

  it('slices a list of few items that are much work each', async () => {
    const { budget, turns } = startBudget()
    budget.allowSlices()
    const items = Array.from({ length: 100 }, (_, index) => index)
    expect(await Promise.all(budget.spread(items, 1000))).toEqual(items)
    expect(turns()).toBeGreaterThanOrEqual(9)
  })

  it('slices nothing while compiled code executes the operation, which cannot complete promises', () => {
    const { budget } = startBudget()
    const items = [1, 2, 3]
    expect(budget.spread(items, 1_000_000)).toBe(items)
  })
})

describe('the errors of an answer', () => {
  it('are all there up to a number, and beyond it one more says how many are missing', () => {
    const errors = (count: number) => Array.from({ length: count }, () => new GraphQLError('It failed.'))
    expect(withFewErrors({ errors: errors(MAX_ERRORS) }).errors).toHaveLength(MAX_ERRORS)
    const few = withFewErrors({ data: null, errors: errors(MAX_ERRORS + 7) })
    expect(few.errors).toHaveLength(MAX_ERRORS + 1)
    expect(few.errors?.at(-1)?.message).toMatch(/^7 more fields failed/)
    expect(few.data).toBeNull()
  })
})

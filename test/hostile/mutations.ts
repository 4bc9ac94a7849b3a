import { type DocumentNode, Kind, parse, print, type SelectionNode, type SelectionSetNode, visit } from 'graphql'
import type { Random } from '#src/market/seed/random.ts'
import type { CorpusOperation } from '../corpus/operations.ts'
import { someCount } from './world.ts'

/** Returns a changed copy of the selections of one selection set. @param most Maximum number of repetitions. */
type Change = (
  random: Random,
  selections: readonly SelectionNode[],
  others: readonly SelectionNode[],
  most: number,
) => readonly SelectionNode[]

/** Maximum number of times that one change repeats selections. Nested repetitions multiply. */
const MAX_REPEATS = 400
const LONG_TEXT = 20_000

/** Changes to the selections of one selection set. */
const changes: readonly Change[] = [
  (random, selections, _, most) => Array.from({ length: Math.ceil(someCount(random, most) / selections.length) }, () => selections).flat(),
  (random, selections) => wrapped(selections, someCount(random, 90)),
  (_, selections, others) => [...selections, ...others],
  (_, __, others) => others,
  (random, selections) =>
    selections.map((selection) =>
      selection.kind === Kind.FIELD ? { ...selection, alias: nameOf(random.pick(['a', 'id', 'name', '__typename'])) } : selection,
    ),
  (random, selections, __, most) =>
    Array.from({ length: Math.min(most, random.pick([2, 20])) }, (_, index) =>
      selections.map((selection) =>
        selection.kind === Kind.FIELD ? { ...selection, alias: nameOf(`m${index}_${selection.name.value}`) } : selection,
      ),
    ).flat(),
  (random, selections) =>
    selections.map((selection) => ({
      ...selection,
      directives: Array.from(
        { length: random.pick([1, 5]) },
        () => ({ kind: Kind.DIRECTIVE, name: nameOf(random.pick(['skip', 'defer', 'auth'])) }) as const,
      ),
    })),
]

/** Returns a document of the corpus with one to three changes. Parts of another document may be inserted first. */
export function mutated(random: Random, corpus: readonly CorpusOperation[]): CorpusOperation {
  const operation = random.pick(corpus)
  const document = parsed(operation.document)
  if (!document) return operation
  const sets = setsOf(document)
  const donors = setsOf(parsed(random.pick(corpus).document) ?? document)
  const chosen = new Set(random.sample(sets, random.integer(1, 3)))
  const most = Math.ceil(MAX_REPEATS ** (1 / chosen.size))
  const changed = visit(document, {
    [Kind.SELECTION_SET]: {
      leave: (node) => {
        const original = sets.find((set) => set.loc?.start === node.loc?.start)
        if (!original || !chosen.has(original)) return undefined
        return { ...node, selections: random.pick(changes)(random, node.selections, random.pick(donors).selections, most) }
      },
    },
  })
  const text = print(changed)
  return {
    ...operation,
    document: random.chance(0.1) && text.length < LONG_TEXT ? text.replaceAll(' ', '\n'.repeat(random.pick([1, 50]))) : text,
  }
}

function parsed(text: string): DocumentNode | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function setsOf(document: DocumentNode): SelectionSetNode[] {
  const sets: SelectionSetNode[] = []
  visit(document, { [Kind.SELECTION_SET]: (node) => void sets.push(node) })
  return sets
}

function wrapped(selections: readonly SelectionNode[], times: number): readonly SelectionNode[] {
  let inner = selections
  for (let level = 0; level < times; level++)
    inner = [{ kind: Kind.INLINE_FRAGMENT, selectionSet: { kind: Kind.SELECTION_SET, selections: inner } }]
  return inner
}

function nameOf(value: string) {
  return { kind: Kind.NAME, value } as const
}

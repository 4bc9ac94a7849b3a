import { type FragmentDefinitionNode, type FragmentSpreadNode, getLocation, Kind, type SelectionSetNode } from 'graphql'
import { InvalidRequestError, type RequestProblem } from '../invalid-request.ts'

/**
 * Checks that no fragment contains itself, directly or through other fragments. All code that expands fragments relies on this check: with
 * a cycle, a text of 2 KB could expand without end.
 * @throws InvalidRequestError for a cycle.
 */
export function checkFragmentCycles(fragments: ReadonlyMap<string, FragmentDefinitionNode>): void {
  const finished = new Set<string>()
  const open = new Set<string>()
  const enter = (name: string, spread: FragmentSpreadNode | undefined) => {
    if (spread && open.has(name)) throw new InvalidRequestError('GRAPHQL_VALIDATION_FAILED', [cycleProblem(name, [...open], spread)])
    const fragment = finished.has(name) ? undefined : fragments.get(name)
    if (!fragment) return
    open.add(name)
    for (const inner of spreadsIn(fragment.selectionSet)) enter(inner.name.value, inner)
    open.delete(name)
    finished.add(name)
  }
  for (const name of fragments.keys()) enter(name, undefined)
}

function spreadsIn(selectionSet: SelectionSetNode): FragmentSpreadNode[] {
  const spreads: FragmentSpreadNode[] = []
  const pending = [selectionSet]
  for (let set = pending.pop(); set; set = pending.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) spreads.push(selection)
      else if (selection.selectionSet) pending.push(selection.selectionSet)
    }
  }
  return spreads
}

/** Returns the problem for the client, in the same words as graphql-js. */
function cycleProblem(name: string, open: readonly string[], { loc }: FragmentSpreadNode): RequestProblem {
  const via = open.slice(open.indexOf(name) + 1).map((other) => `"${other}"`)
  return {
    message: `Cannot spread fragment "${name}" within itself${via.length > 0 ? ` via ${via.join(', ')}` : ''}.`,
    locations: loc && [getLocation(loc.source, loc.start)],
  }
}

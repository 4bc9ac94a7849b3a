import type { PurgeResult } from '../../../../src/operations/admin/contract.ts'

type State = PurgeResult['instances'][number]['state'] | PurgeResult['edges'][number]['state']

/** Process or edge that a purge concerns, and how it is known that it serves no purged value any more. */
export interface PurgePart {
  /** Id of the process, or host of the edge. */
  readonly id: string
  /** Name for the reader: the beginning of the id of a process, or the host of an edge. */
  readonly name: string
  readonly where: string
  readonly state: State
  readonly tone: 'good' | 'warn' | 'bad'
  readonly meaning: string
}

const PROCESS_MEANINGS: Readonly<Record<PurgeResult['instances'][number]['state'], string>> = {
  applied: 'It has applied the purge.',
  'lease ended':
    'It did not confirm. It serves no cached value before it has read the invalidation log, because the staleness bound has passed.',
  pending: 'It did not confirm, and may still serve an old value.',
}

const EDGE_MEANINGS: Readonly<Record<PurgeResult['edges'][number]['state'], string>> = {
  purged: 'Nothing from before the purge is stored there.',
  pending: 'It did not confirm in time. The gateway purges it as soon as it can be.',
}

const TONES: Readonly<Record<State, PurgePart['tone']>> = { applied: 'good', purged: 'good', 'lease ended': 'warn', pending: 'bad' }

/** Returns the processes and edges that a purge concerns. */
export function purgeParts({ instances, edges }: Pick<PurgeResult, 'instances' | 'edges'>): readonly PurgePart[] {
  return [
    ...instances.map(({ instance, host, state }) => ({
      id: instance,
      name: instance.slice(0, 8),
      where: `process on ${host}`,
      state,
      tone: TONES[state],
      meaning: PROCESS_MEANINGS[state],
    })),
    ...edges.map(({ edge, state }) => ({ id: edge, name: edge, where: 'edge', state, tone: TONES[state], meaning: EDGE_MEANINGS[state] })),
  ]
}

import type { ReadContext } from '../modules/module.ts'
import type { CheckedLoad, ReadObserver } from './checked-reads.ts'

export interface ReadSampler {
  readonly observe: ReadObserver
  /** Whether the next load is observed. */
  readonly isChosen: () => boolean
  /** Told of each observed load. @param undeclared The tables that it read and did not declare: of a field with `depends: []`, `any`. */
  readonly onObserved: (coordinate: string, undeclared: readonly string[]) => void
}

/**
 * Observes some of the loads, for production: what was not declared is told, and the load gives what it gives.
 * @param coveredTables By coordinate: the tables that a load may read.
 */
export function sampleReads(sampler: ReadSampler, coveredTables: ReadonlyMap<string, ReadonlySet<string>>): CheckedLoad {
  return (coordinate, read, load) => {
    if (!sampler.isChosen()) return load(read)
    const covered = coveredTables.get(coordinate) ?? new Set()
    return covered.size === 0 ? loadPure(sampler, coordinate, read, load) : observeLoad(sampler, coordinate, covered, read, load)
  }
}

async function observeLoad<Result>(
  { observe, onObserved }: ReadSampler,
  coordinate: string,
  covered: ReadonlySet<string>,
  read: ReadContext,
  load: (read: ReadContext) => Promise<Result>,
): Promise<Result> {
  let loaded: { readonly result: Result } | undefined
  try {
    const { tables } = await observe(async (db) => {
      loaded = { result: await load(Object.freeze({ ...read, db })) }
    })
    onObserved(
      coordinate,
      tables.filter((table) => !covered.has(table)),
    )
  } catch {
    // Nothing may fail because it was observed: a load that did is made again.
  }
  return loaded ? loaded.result : load(read)
}

/** Such a load may take long, and needs no connection: it is seen when it asks for one. */
async function loadPure<Result>(
  { onObserved }: ReadSampler,
  coordinate: string,
  read: ReadContext,
  load: (read: ReadContext) => Promise<Result>,
): Promise<Result> {
  let hasRead = false
  const db = new Proxy(read.db, {
    get(target, name) {
      hasRead = true
      // Private members are those of the database itself.
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  const result = await load(Object.freeze({ ...read, db }))
  onObserved(coordinate, hasRead ? ['any'] : [])
  return result
}

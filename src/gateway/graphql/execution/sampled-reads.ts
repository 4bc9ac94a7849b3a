import type { ReadContext } from '../../contract/module.ts'
import type { CheckedLoad, ReadObserver } from './checked-reads.ts'

export interface ReadSampler {
  readonly observe: ReadObserver
  /** Returns whether the next load is observed. */
  readonly isChosen: () => boolean
  /**
   * Called after each observed load.
   * @param undeclared Tables that the load read although `depends` does not name them. For a field with `depends: []`, tables are not told
   * apart. If the load of such a field used the database, the list contains only the text `any`.
   */
  readonly onObserved: (coordinate: string, undeclared: readonly string[]) => void
}

/**
 * Returns a check that observes a sample of the loads, for production. Tables that a load reads without declaring them are reported, and
 * the load still returns its result.
 * @param coveredTables Tables that a load may read, by the coordinate of the type or field.
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
    // If the load failed while it was observed, it runs again below without observation, because observation must not make a load fail.
  }
  return loaded ? loaded.result : load(read)
}

/**
 * Observes a load that should not read the database (`depends: []`). A proxy of the database notices any use. A transaction is not used
 * here, because it would hold a connection during a long computation.
 */
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
      // A method must be called on the database object itself, because a proxy has no access to the private members of the object.
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  const result = await load(Object.freeze({ ...read, db }))
  onObserved(coordinate, hasRead ? ['any'] : [])
  return result
}

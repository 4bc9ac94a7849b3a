import DataLoader from 'dataloader'
import type { Cache } from '../cache/cache.ts'
import { rowTag } from '../cache/entity.ts'
import { deepFreeze } from '../cache/entry.ts'
import { cacheKey } from '../cache/key.ts'
import type { Loaded } from '../cache/read.ts'
import type { Session } from '../cache/session.ts'
import type { EntityType } from '../modules/module.ts'
import { checkedBatch } from './batch-results.ts'
import type { CacheScope } from './cache-rules.ts'
import type { CheckedLoad } from './checked-reads.ts'
import type { KeyedRules } from './entry-shapes.ts'
import { type ReadScopeOptions, readScope } from './read-scope.ts'
import type { RequestDirectives } from './request-directives.ts'
import type { Trace, TracedRead } from './trace.ts'

export interface LoaderOptions {
  readonly cache: Cache
  readonly session: Session
  readonly rules: KeyedRules
  readonly scope: ReadScopeOptions
  readonly trace: Trace
  readonly directives: RequestDirectives
  /** Whether the cache's values whose time ran out will not do. */
  readonly isRefresh: boolean
  /** Refuses, or in production tells of, loads that read what they did not declare. */
  readonly checkedLoad: CheckedLoad | undefined
  /** Whether the request is answered from one snapshot of the database, past the cache. */
  readonly isStrict: () => boolean
  /** Where the resolver that runs now stands in the answer; known only while debugging. */
  readonly currentPath: () => TracedRead['path']
}

type AnyRow = { readonly id: string | number }

/** Why a value that has a policy was not cached. */
export const STRICT = 'the query asks for a field that is @strict'

/** Nothing has a longer id: what does is not worth a place in the cache. */
const LONGEST_ID = 255

/** One request's way to the rows of all entity types: what is asked in one turn of the event loop is loaded together. */
export class RowLoaders {
  readonly #options: LoaderOptions
  readonly #loaders = new Map<unknown, DataLoader<string, unknown>>()
  readonly #paths = new Map<string, TracedRead['path'][]>()

  constructor(options: LoaderOptions) {
    this.#options = options
  }

  /** The row, null when the tenant has none with this id. */
  async load<Row extends AnyRow>(type: EntityType<Row>, id: string | number): Promise<Row | null> {
    const text = String(id)
    if (text.length > LONGEST_ID || text === '') return null
    if (this.#options.trace.reads) this.#notePath(type.entity.type, text)
    let loader = this.#loaders.get(type)
    if (!loader) {
      loader = this.#createLoader(type)
      this.#loaders.set(type, loader)
    }
    // One loader for each type: what it gives are the rows of that type.
    return (await loader.load(text)) as Row | null
  }

  #createLoader<Row extends AnyRow>(type: EntityType<Row>): DataLoader<string, Row | null> {
    const { rules, scope, cache, session, trace, directives, isRefresh, isStrict, checkedLoad } = this.#options
    const { entity } = type
    const rule = rules.get(entity.type)
    const scopeName: CacheScope = rule?.scope ?? (entity.tenantColumn === null ? 'PUBLIC' : 'TENANT')
    const pathsOf = (id: string) => () => this.#paths.get(`${entity.type}:${id}`) ?? []
    return new DataLoader(async (ids) => {
      const { tenant, keyParts, read } = readScope(scopeName, scope)
      const load = async (wanted: readonly string[]): Promise<readonly (Loaded<Row | null> | Error)[]> => {
        const rows =
          checkedLoad && rule && !isStrict()
            ? await checkedLoad(entity.type, read(), (checked) => type.loadMany(checked, wanted))
            : await type.loadMany(read(), wanted)
        return checkedBatch(entity.type, rows, wanted.length, directives.discard)
      }
      if (!rule || isStrict()) {
        for (const id of ids) trace.observeUncached(entity.type, scopeName, rule ? STRICT : 'the type has no @cache', pathsOf(id))
        const loaded = await load(ids)
        return loaded.map((result) => (result instanceof Error ? result : deepFreeze(result.value)))
      }
      const requests = ids.map((id) => ({
        key: cacheKey(tenant, rule.namespace, [id, ...keyParts]),
        tags: [tenant, rowTag(entity, tenant, id)],
      }))
      return cache.getMany(requests, rule.policy, (indexes) => load(indexes.map((index) => ids[index] as string)), {
        session,
        refresh: directives.refresh,
        fresh: isRefresh,
        observe: (index, outcome) => trace.observe(entity.type, scopeName, outcome, pathsOf(ids[index] as string)),
      })
    })
  }

  #notePath(type: string, id: string): void {
    const key = `${type}:${id}`
    const paths = this.#paths.get(key) ?? []
    paths.push(this.#options.currentPath())
    this.#paths.set(key, paths)
  }
}

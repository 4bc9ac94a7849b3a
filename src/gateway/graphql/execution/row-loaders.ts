import DataLoader from 'dataloader'
import type { Cache } from '../../../engine/cache/cache.ts'
import { freeTag, rowTag } from '../../../engine/cache/model/entity.ts'
import { deepFreeze } from '../../../engine/cache/model/entry.ts'
import { cacheKey } from '../../../engine/cache/model/key.ts'
import type { Loaded, LoadMany } from '../../../engine/cache/model/read.ts'
import type { Session } from '../../../engine/cache/model/session.ts'
import type { EntityType } from '../../contract/module.ts'
import type { CacheScope } from '../../policies/cache-rules.ts'
import type { Trace, TracedRead } from '../answers/trace.ts'
import type { KeyedRules } from '../schema/entry-shapes.ts'
import { checkedBatch } from './batch-results.ts'
import { BatchTurns } from './batch-turns.ts'
import type { CheckedLoad } from './checked-reads.ts'
import { uncachedRow } from './key-parts.ts'
import type { ExecutionBudget } from './limits/execution-budget.ts'
import { readByArm } from './read-by-arm.ts'
import { type ReadScopeOptions, readScope } from './read-scope.ts'
import type { RequestDirectives } from './request-directives.ts'

export interface LoaderOptions {
  readonly cache: Pick<Cache, 'getMany' | 'loadPast'>
  readonly session: Session
  readonly rules: KeyedRules
  readonly scope: ReadScopeOptions
  readonly trace: Trace
  readonly directives: RequestDirectives
  /** Whether expired values must be reloaded instead of served stale. */
  readonly isRefresh: boolean
  /**
   * Runs a load and checks which tables it reads. In development, a load that reads an undeclared table fails. In production, some loads
   * are observed, and undeclared tables are reported. Undefined if loads are not checked.
   */
  readonly checkedLoad: CheckedLoad | undefined
  /** Returns whether the request bypasses the cache and reads from one snapshot of the database. */
  readonly isStrict: () => boolean
  /** Budget of the execution, which delays large batches to later turns of the event loop. */
  readonly budget: ExecutionBudget
  /** Aborts when no request waits for the loaded values any more; undefined for an execution whose loads are not aborted. */
  readonly signal: AbortSignal | undefined
  /** Returns the path in the response of the resolver that is running. The path is known only if the client requests debugging. */
  readonly currentPath: () => TracedRead['path']
}

type AnyRow = { readonly id: string | number }

/** Reason in the cache trace for a value that has a cache policy but was not read through the cache. */
export const STRICT = 'the query asks for a field that is @strict'

/** Maximum length of a row's id, characters. No row has a longer id, so a longer id is never looked up. */
const MAX_ID_LENGTH = 255

/**
 * Loads rows of all entity types for one request. Rows of one type that are requested in the same turn of the event loop are loaded in one
 * batch.
 */
export class RowLoaders {
  readonly #options: LoaderOptions
  readonly #loaders = new Map<unknown, DataLoader<string, unknown>>()
  readonly #paths = new Map<string, TracedRead['path'][]>()

  constructor(options: LoaderOptions) {
    this.#options = options
  }

  /** Returns the row; null if the tenant has no row with this id. */
  async load<Row extends AnyRow>(type: EntityType<Row>, id: string | number): Promise<Row | null> {
    const text = String(id)
    if (text.length > MAX_ID_LENGTH || text === '') return null
    if (this.#options.trace.reads) this.#notePath(type.entity.type, text)
    let loader = this.#loaders.get(type)
    if (!loader) {
      loader = this.#createLoader(type)
      this.#loaders.set(type, loader)
    }
    // Each entity type has its own loader, so the loaded values are rows of this type.
    return (await loader.load(text)) as Row | null
  }

  #createLoader<Row extends AnyRow>(type: EntityType<Row>): DataLoader<string, Row | null> {
    const { rules, scope, cache, session, trace, directives, isRefresh, isStrict, checkedLoad, budget, signal } = this.#options
    const { entity } = type
    const rule = rules.get(entity.type)
    const scopeName: CacheScope = rule?.scope ?? (entity.tenantColumn === null ? 'PUBLIC' : 'TENANT')
    const pathsOf = (id: string) => () => this.#paths.get(`${entity.type}:${id}`) ?? []
    const turns = new BatchTurns(budget)
    const loadBatch = async (ids: readonly string[]): Promise<readonly (Row | null | Error)[]> => {
      const { tenant, keyParts, read } = readScope(scopeName, scope)
      const load = async (wanted: readonly string[], given: AbortSignal | undefined): Promise<readonly (Loaded<Row | null> | Error)[]> => {
        const rows =
          checkedLoad && rule && !isStrict()
            ? await checkedLoad(entity.type, read(given), (checked) => type.loadMany(checked, wanted))
            : await type.loadMany(read(given), wanted)
        await turns.toLand(wanted.length)
        return checkedBatch(entity.type, rows, wanted.length, directives.discard)
      }
      if (!rule || isStrict()) {
        for (const id of ids) trace.observeUncached(entity.type, scopeName, rule ? STRICT : 'the type has no @cache', pathsOf(id))
        const requestOf = (index: number) => uncachedRow(entity, tenant, ids[index] as string)
        const cause = rule ? 'bypassed' : 'not cacheable'
        const past = { policy: entity.type, cause, count: ids.length, ...(rule ? {} : { requestOf }) } as const
        const loaded = await cache.loadPast(past, () => load(ids, signal))
        return loaded.map((result) => (result instanceof Error ? result : deepFreeze(result.value)))
      }
      const freeTags = rule.tags.map((name) => freeTag(tenant, name))
      const requests = ids.map((id) => ({
        key: cacheKey(tenant, rule.namespace, [id, ...keyParts]),
        tags: [tenant, rowTag(entity, tenant, id), ...freeTags],
      }))
      const loadMany: LoadMany<Row | null> = (indexes, given) =>
        load(
          indexes.map((index) => ids[index] as string),
          given,
        )
      return readByArm(cache, rule, requests, () => loadMany, {
        session,
        signal,
        refresh: directives.refresh,
        fresh: isRefresh,
        observe: (index, outcome) => trace.observe(entity.type, scopeName, outcome, pathsOf(ids[index] as string)),
      })
    }
    return new DataLoader((ids) => turns.run(ids, loadBatch), { maxBatchSize: turns.most })
  }

  #notePath(type: string, id: string): void {
    const key = `${type}:${id}`
    const paths = this.#paths.get(key) ?? []
    paths.push(this.#options.currentPath())
    this.#paths.set(key, paths)
  }
}

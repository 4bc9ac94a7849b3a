import DataLoader from 'dataloader'
import { type FieldNode, type GraphQLObjectType, type GraphQLResolveInfo, getNamedType, responsePathAsArray } from 'graphql'
import { freeTag, PUBLIC_TENANT, rowTag } from '../../../engine/cache/model/entity.ts'
import { deepFreeze } from '../../../engine/cache/model/entry.ts'
import { cacheKey, canonicalJson, type Json } from '../../../engine/cache/model/key.ts'
import type { Loaded, LoadMany } from '../../../engine/cache/model/read.ts'
import type { FieldLoad, Module } from '../../contract/module.ts'
import type { CacheScope } from '../../policies/cache-rules.ts'
import type { FieldDependencies } from '../../policies/dependencies.ts'
import type { PopularityCounts } from '../../policies/popularity.ts'
import type { TracedRead } from '../answers/trace.ts'
import { checkedBatch } from './batch-results.ts'
import { BatchTurns } from './batch-turns.ts'
import { fieldKeyParts, uncachedRequest } from './key-parts.ts'
import { PopularSubjects, subjectOf } from './popular-subjects.ts'
import { readByArm } from './read-by-arm.ts'
import { readScope } from './read-scope.ts'
import { type LoaderOptions, STRICT } from './row-loaders.ts'

export interface FieldLoaderOptions extends LoaderOptions {
  readonly dependencies: ReadonlyMap<string, FieldDependencies>
  readonly entityTypes: ReadonlyMap<string, Pick<Module['entities'][number], 'entity'>>
  readonly popularity: PopularityCounts
}

/** Place of a field in the document and in the schema. */
export type FieldInfo = Pick<GraphQLResolveInfo, 'parentType' | 'returnType' | 'fieldName' | 'fieldNodes' | 'path'>

/**
 * A parent for which a field is loaded. The identity distinguishes the parent from other parents of the same type. The identity is null in
 * two cases: the parent is the root, or the parent is an empty object that only groups fields. A type has only one such parent.
 */
interface Asked {
  readonly identity: string | null
  readonly parent: unknown
}

type FieldLoader = DataLoader<Asked, unknown, string | null>

/** Loads batched fields for one request. A field with the same arguments is loaded for many parents in one batch. */
export class FieldLoaders {
  readonly #options: FieldLoaderOptions
  readonly #loaders = new Map<string, FieldLoader>()
  /**
   * Loaders by the AST node of the field in the document. All parents at one node have the same arguments, so that the arguments are
   * serialised only once.
   */
  readonly #byNode = new Map<FieldNode, { readonly type: GraphQLObjectType; readonly loader: FieldLoader }>()
  readonly #paths = new Map<string, TracedRead['path'][]>()

  constructor(options: FieldLoaderOptions) {
    this.#options = options
  }

  async load<Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, parent: Parent, args: Args, info: FieldInfo): Promise<Value> {
    const identity = identityOf(parent, info)
    const loader = this.#loaderAt(load, args, info)
    if (this.#options.trace.reads) this.#notePath(info, identity)
    // A loader belongs to one field and one set of arguments, so the loaded values have the type that the resolver of the field declares.
    return (await loader.load({ identity, parent })) as Value
  }

  #loaderAt<Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, args: Args, info: FieldInfo): FieldLoader {
    const [node] = info.fieldNodes
    const known = node && this.#byNode.get(node)
    if (known && known.type === info.parentType) return known.loader
    const coordinate = `${info.parentType.name}.${info.fieldName}`
    const keyArgs = jsonArguments(args, coordinate)
    const name = `${coordinate}${canonicalJson(keyArgs)}`
    let loader = this.#loaders.get(name)
    if (!loader) {
      loader = this.#createLoader(coordinate, load, args, keyArgs, info)
      this.#loaders.set(name, loader)
    }
    if (node) this.#byNode.set(node, { type: info.parentType, loader })
    return loader
  }

  #createLoader<Parent, Args, Value>(
    coordinate: string,
    loadField: FieldLoad<Parent, Args, Value>,
    args: Args,
    keyArgs: Readonly<Record<string, Json>>,
    info: FieldInfo,
  ): FieldLoader {
    const { rules, dependencies, entityTypes, scope, cache, session, trace, directives, isRefresh, isStrict, checkedLoad, budget, signal } =
      this.#options
    const rule = rules.get(coordinate)
    const scopeName: CacheScope = rule?.scope ?? 'USER'
    const parentEntity = entityTypes.get(info.parentType.name)?.entity
    const returned = entityTypes.get(getNamedType(info.returnType).name)?.entity
    const { items: depends = [], popularBy } = dependencies.get(coordinate) ?? {}
    const pathsOf =
      ({ identity }: Asked) =>
      () =>
        this.#paths.get(`${coordinate}:${identity}`) ?? []
    const { first } = keyArgs
    const turns = new BatchTurns(budget, typeof first === 'number' ? first : 0)
    const loadBatch = async (asked: readonly Asked[]): Promise<readonly unknown[]> => {
      const { tenant, keyParts, read } = readScope(scopeName, scope)
      const load = async (wanted: readonly Asked[], given: AbortSignal | undefined): Promise<readonly (Loaded<Value> | Error)[]> => {
        // This loader belongs to one field. So every parent has the parent type that the resolver of this field declares.
        const parents = wanted.map(({ parent }) => parent as Parent)
        const values =
          checkedLoad && rule && !isStrict()
            ? await checkedLoad(coordinate, read(given), (checked) => loadField(parents, args, checked))
            : await loadField(parents, args, read(given))
        await turns.toLand(wanted.length)
        return checkedBatch(coordinate, values, wanted.length, directives.discard)
      }
      if (!rule || isStrict()) {
        const requestOf = (index: number) =>
          uncachedRequest({ tenant, coordinate, identity: (asked[index] as Asked).identity, keyArgs, parent: parentEntity, returned })
        for (const one of asked) trace.observeUncached(coordinate, scopeName, rule ? STRICT : 'the field has no @cache', pathsOf(one))
        const past = {
          policy: coordinate,
          cause: rule ? 'bypassed' : 'not cacheable',
          count: asked.length,
          ...(rule ? {} : { requestOf }),
        } as const
        const loaded = await cache.loadPast(past, () => load(asked, signal))
        return loaded.map((result) => (result instanceof Error ? result : deepFreeze(result.value)))
      }
      const now = scope.now()
      const freeTags = rule.tags.map((name) => freeTag(tenant, name))
      const partsOf = fieldKeyParts({ tenant, namespace: rule.namespace, keyArgs, keyParts })
      const requests = asked.map(({ identity, parent }) => {
        const tags = new Set([tenant, ...freeTags])
        // A value that was computed from a row may depend on any column of the row. So any change of the row invalidates the value.
        if (parentEntity && identity !== null)
          tags.add(rowTag(parentEntity, parentEntity.tenantColumn === null ? PUBLIC_TENANT : tenant, identity))
        for (const dependency of depends) for (const tag of dependency(tenant, { parent, args: keyArgs, now })) tags.add(tag)
        const key = cacheKey(tenant, rule.namespace, [identity, keyArgs, ...keyParts])
        return { key, tags: [...tags], parts: partsOf && (() => partsOf(identity)) }
      })
      const loadMany: LoadMany<Value> = (indexes, given) =>
        load(
          indexes.map((index) => asked[index] as Asked),
          given,
        )
      const subjects =
        popularBy &&
        new PopularSubjects(
          this.#options,
          asked.map(({ parent }) => subjectOf(tenant, popularBy({ parent, args: keyArgs, now }))),
        )
      return readByArm(cache, rule, requests, (policy) => subjects?.longLived(loadMany, policy) ?? loadMany, {
        session,
        signal,
        refresh: directives.refresh,
        fresh: isRefresh,
        observe: (index, outcome) => trace.observe(coordinate, scopeName, outcome, pathsOf(asked[index] as Asked)),
      })
    }
    return new DataLoader<Asked, unknown, string | null>((asked) => turns.run(asked, loadBatch), {
      cacheKeyFn: ({ identity }) => identity,
      maxBatchSize: turns.most,
    })
  }

  #notePath(info: FieldInfo, identity: string | null): void {
    const key = `${info.parentType.name}.${info.fieldName}:${identity}`
    const paths = this.#paths.get(key) ?? []
    paths.push(responsePathAsArray(info.path))
    this.#paths.set(key, paths)
  }
}

/**
 * Returns the identity of a parent for the cache key.
 * @throws TypeError for a parent without an identity. Otherwise all parents without an identity would share one cache entry.
 */
function identityOf(parent: unknown, info: FieldInfo): string | null {
  if (info.path.prev === undefined) return null
  if (typeof parent === 'object' && parent !== null) {
    if ('identity' in parent && typeof parent.identity === 'string') return parent.identity
    if ('id' in parent && (typeof parent.id === 'string' || typeof parent.id === 'number')) return String(parent.id)
    if (Object.keys(parent).length === 0) return null
  }
  throw new TypeError(`${info.parentType.name}.${info.fieldName} is batched, so its parent needs an \`id\` or an \`identity\`.`)
}

/**
 * Returns the arguments as JSON.
 * @throws TypeError for arguments that JSON cannot represent, such as a Date, because two different values could have the same cache key.
 */
function jsonArguments(args: unknown, coordinate: string): Readonly<Record<string, Json>> {
  const json = toJson(args, coordinate)
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Readonly<Record<string, Json>>) : {}
}

function toJson(value: unknown, coordinate: string): Json {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return value ?? null
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((item) => toJson(item, coordinate))
  if (typeof value === 'object' && (Object.getPrototypeOf(value) === null || Object.getPrototypeOf(value) === Object.prototype)) {
    const fields: Record<string, Json> = Object.create(null)
    for (const [name, field] of Object.entries(value)) if (field !== undefined) fields[name] = toJson(field, coordinate)
    return fields
  }
  throw new TypeError(`${coordinate}: an argument of a batched field must be a JSON value; let its scalar parse to a string or number.`)
}

import DataLoader from 'dataloader'
import { type FieldNode, type GraphQLObjectType, type GraphQLResolveInfo, responsePathAsArray } from 'graphql'
import { PUBLIC_TENANT, rowTag } from '../cache/entity.ts'
import { deepFreeze } from '../cache/entry.ts'
import { cacheKey, canonicalJson, type Json } from '../cache/key.ts'
import type { Loaded } from '../cache/read.ts'
import type { FieldLoad, Module } from '../modules/module.ts'
import { checkedBatch } from './batch-results.ts'
import type { CacheScope } from './cache-rules.ts'
import type { FieldDependencies } from './dependencies.ts'
import { readScope } from './read-scope.ts'
import { type LoaderOptions, STRICT } from './row-loaders.ts'
import type { TracedRead } from './trace.ts'

export interface FieldLoaderOptions extends LoaderOptions {
  readonly dependencies: ReadonlyMap<string, FieldDependencies>
  readonly entityTypes: ReadonlyMap<string, Module['entities'][number]>
}

/** A parent with what tells it from the others; null for the one root, and for namespaces. */
interface Asked {
  readonly identity: string | null
  readonly parent: unknown
}

type FieldLoader = DataLoader<Asked, unknown, string | null>

/** One request's way to all batched fields: the parents of one field with the same arguments are loaded together. */
export class FieldLoaders {
  readonly #options: FieldLoaderOptions
  readonly #loaders = new Map<string, FieldLoader>()
  /** Spares the spelling of coordinate and arguments for each parent: the same place in a document has the same arguments. */
  readonly #byNode = new Map<FieldNode, { readonly type: GraphQLObjectType; readonly loader: FieldLoader }>()
  readonly #paths = new Map<string, TracedRead['path'][]>()

  constructor(options: FieldLoaderOptions) {
    this.#options = options
  }

  async load<Parent, Args, Value>(
    load: FieldLoad<Parent, Args, Value>,
    parent: Parent,
    args: Args,
    info: GraphQLResolveInfo,
  ): Promise<Value> {
    const identity = identityOf(parent, info)
    const loader = this.#loaderAt(load, args, info)
    if (this.#options.trace.reads) this.#notePath(info, identity)
    // One loader for each coordinate, whose resolver names the type of what it loads.
    return (await loader.load({ identity, parent })) as Value
  }

  #loaderAt<Parent, Args, Value>(load: FieldLoad<Parent, Args, Value>, args: Args, info: GraphQLResolveInfo): FieldLoader {
    const [node] = info.fieldNodes
    const known = node && this.#byNode.get(node)
    if (known && known.type === info.parentType) return known.loader
    const coordinate = `${info.parentType.name}.${info.fieldName}`
    const keyArgs = jsonArguments(args, coordinate)
    const name = `${coordinate}${canonicalJson(keyArgs)}`
    let loader = this.#loaders.get(name)
    if (!loader) {
      loader = this.#createLoader(coordinate, load, args, keyArgs, info.parentType)
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
    parentType: GraphQLObjectType,
  ): FieldLoader {
    const { rules, dependencies, entityTypes, scope, cache, session, trace, directives, isRefresh, isStrict, checkedLoad } = this.#options
    const rule = rules.get(coordinate)
    const scopeName: CacheScope = rule?.scope ?? 'USER'
    const parentEntity = entityTypes.get(parentType.name)?.entity
    const depends = dependencies.get(coordinate)?.items ?? []
    const pathsOf =
      ({ identity }: Asked) =>
      () =>
        this.#paths.get(`${coordinate}:${identity}`) ?? []
    return new DataLoader<Asked, unknown, string | null>(
      async (asked) => {
        const { tenant, keyParts, read } = readScope(scopeName, scope)
        const load = async (wanted: readonly Asked[]): Promise<readonly (Loaded<Value> | Error)[]> => {
          // The parents of a coordinate are what its resolver declares them to be.
          const parents = wanted.map(({ parent }) => parent as Parent)
          const values =
            checkedLoad && rule && !isStrict()
              ? await checkedLoad(coordinate, read(), (checked) => loadField(parents, args, checked))
              : await loadField(parents, args, read())
          return checkedBatch(coordinate, values, wanted.length, directives.discard)
        }
        if (!rule || isStrict()) {
          for (const one of asked) trace.observeUncached(coordinate, scopeName, rule ? STRICT : 'the field has no @cache', pathsOf(one))
          const loaded = await load(asked)
          return loaded.map((result) => (result instanceof Error ? result : deepFreeze(result.value)))
        }
        const now = scope.now()
        const requests = asked.map(({ identity, parent }) => {
          const tags = new Set([tenant])
          // What is computed from a row may use any of its columns; so a change of the row reaches it, too.
          if (parentEntity && identity !== null)
            tags.add(rowTag(parentEntity, parentEntity.tenantColumn === null ? PUBLIC_TENANT : tenant, identity))
          for (const dependency of depends) for (const tag of dependency(tenant, { parent, args: keyArgs, now })) tags.add(tag)
          return { key: cacheKey(tenant, rule.namespace, [identity, keyArgs, ...keyParts]), tags: [...tags] }
        })
        return cache.getMany(requests, rule.policy, (indexes) => load(indexes.map((index) => asked[index] as Asked)), {
          session,
          refresh: directives.refresh,
          fresh: isRefresh,
          observe: (index, outcome) => trace.observe(coordinate, scopeName, outcome, pathsOf(asked[index] as Asked)),
        })
      },
      { cacheKeyFn: ({ identity }) => identity },
    )
  }

  #notePath(info: GraphQLResolveInfo, identity: string | null): void {
    const key = `${info.parentType.name}.${info.fieldName}:${identity}`
    const paths = this.#paths.get(key) ?? []
    paths.push(responsePathAsArray(info.path))
    this.#paths.set(key, paths)
  }
}

/** @throws TypeError for a parent that cannot be told from its like: its value would be served for another. */
function identityOf(parent: unknown, info: GraphQLResolveInfo): string | null {
  if (info.path.prev === undefined) return null
  if (typeof parent === 'object' && parent !== null) {
    if ('identity' in parent && typeof parent.identity === 'string') return parent.identity
    if ('id' in parent && (typeof parent.id === 'string' || typeof parent.id === 'number')) return String(parent.id)
    if (Object.keys(parent).length === 0) return null
  }
  throw new TypeError(`${info.parentType.name}.${info.fieldName} is batched, so its parent needs an \`id\` or an \`identity\`.`)
}

/** @throws TypeError for arguments that JSON does not carry (a Date, an instance): they could not be told apart in a key. */
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

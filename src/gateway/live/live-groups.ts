import { typesOfTags } from '../../engine/cache/model/tags.ts'
import { LiveGroup } from './live-group.ts'
import { ResultSizes } from './result-sizes.ts'

/** All groups of live queries, and an index of the tags of their newest results. */
export class LiveGroups {
  readonly #groups = new Set<LiveGroup>()
  readonly #shared = new Map<string, LiveGroup>()
  readonly #byTag = new Map<string, Set<LiveGroup>>()
  readonly #everyWrite = new Set<LiveGroup>()
  readonly #sizes = new ResultSizes()

  get size(): number {
    return this.#groups.size
  }

  /** Bytes of the newest results of all groups. */
  get bytes(): number {
    return this.#sizes.bytes
  }

  [Symbol.iterator](): IterableIterator<LiveGroup> {
    return this.#groups.values()
  }

  /**
   * Returns the group for a cache key, and creates it if there is none.
   * @param key undefined for a group of one stream.
   * @param tenant Tenant to which the result belongs.
   */
  of(key: string | undefined, tenant: string): LiveGroup {
    const found = key === undefined ? undefined : this.#shared.get(key)
    if (found) return found
    const group = new LiveGroup(key ?? '', key !== undefined, tenant)
    this.#groups.add(group)
    if (key !== undefined) this.#shared.set(key, group)
    return group
  }

  remove(group: LiveGroup): void {
    this.#groups.delete(group)
    if (group.isShared) this.#shared.delete(group.key)
    this.#everyWrite.delete(group)
    this.#forget(group)
    this.#sizes.release(group)
  }

  /**
   * Reserves room for the next result of a group, in place of the one before.
   * @param maxBytes Limit of all results together.
   * @returns the groups of other tenants that must end, because their room is taken; undefined if there is no room. The room of the group's
   * result before then stays reserved.
   */
  reserve(group: LiveGroup, bytes: number, maxBytes: number): readonly LiveGroup[] | undefined {
    return this.#sizes.reserve(group, bytes, maxBytes)
  }

  /** Keeps the tags of a group's newest result. @param tags `any` if every write may change the result. */
  index(group: LiveGroup, tags: readonly string[] | 'any'): void {
    if (tags === 'any') this.#everyWrite.add(group)
    else this.#everyWrite.delete(group)
    this.#forget(group)
    group.tags = tags === 'any' ? [] : group.isShared ? [...tags, group.key] : tags
    group.types = typesOfTags(group.tags)
    for (const tag of group.tags) {
      const groups = this.#byTag.get(tag)
      if (groups) groups.add(group)
      else this.#byTag.set(tag, new Set([group]))
    }
  }

  /** Returns the groups whose newest result an invalidation of these tags may change. */
  hitBy(tags: ReadonlySet<string> | 'everything'): ReadonlySet<LiveGroup> {
    if (tags === 'everything') return new Set(this.#groups)
    const hit = new Set(this.#everyWrite)
    for (const tag of tags) for (const group of this.#byTag.get(tag) ?? []) hit.add(group)
    return hit
  }

  /** Returns the groups whose newest result may depend on one of the types. */
  ofTypes(types: readonly string[]): readonly LiveGroup[] {
    const set = new Set(types)
    if (set.size === 0) return []
    return [...this.#groups].filter((group) => this.#everyWrite.has(group) || !group.types.isDisjointFrom(set))
  }

  #forget(group: LiveGroup): void {
    for (const tag of group.tags) {
      const groups = this.#byTag.get(tag)
      groups?.delete(group)
      if (groups?.size === 0) this.#byTag.delete(tag)
    }
    group.tags = []
  }
}

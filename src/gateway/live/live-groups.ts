import { typesOfTags } from '../../engine/cache/model/tags.ts'
import { LiveGroup } from './live-group.ts'

/** All groups of live queries, and an index of the tags of their newest results. */
export class LiveGroups {
  readonly #groups = new Set<LiveGroup>()
  readonly #shared = new Map<string, LiveGroup>()
  readonly #byTag = new Map<string, Set<LiveGroup>>()
  readonly #everyWrite = new Set<LiveGroup>()
  /** Bytes of the newest result of each group that has one. */
  readonly #sizes = new Map<LiveGroup, number>()
  #bytes = 0

  get size(): number {
    return this.#groups.size
  }

  /** Bytes of the newest results of all groups. */
  get bytes(): number {
    return this.#bytes
  }

  [Symbol.iterator](): IterableIterator<LiveGroup> {
    return this.#groups.values()
  }

  /** Returns the group for a cache key, and creates it if there is none. @param key undefined for a group of one stream. */
  of(key: string | undefined): LiveGroup {
    const found = key === undefined ? undefined : this.#shared.get(key)
    if (found) return found
    const group = new LiveGroup(key ?? '', key !== undefined)
    this.#groups.add(group)
    if (key !== undefined) this.#shared.set(key, group)
    return group
  }

  remove(group: LiveGroup): void {
    this.#groups.delete(group)
    if (group.isShared) this.#shared.delete(group.key)
    this.#everyWrite.delete(group)
    this.#forget(group)
    this.#measure(group, 0)
  }

  /**
   * Reserves room for the next result of a group, in place of the one before.
   * @param maxBytes Limit of all results together.
   * @returns whether there is room. If not, the room of the result before stays reserved.
   */
  reserve(group: LiveGroup, bytes: number, maxBytes: number): boolean {
    if (this.#bytes - (this.#sizes.get(group) ?? 0) + bytes > maxBytes) return false
    this.#measure(group, bytes)
    return true
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

  #measure(group: LiveGroup, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(group) ?? 0)
    if (bytes === 0) this.#sizes.delete(group)
    else this.#sizes.set(group, bytes)
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

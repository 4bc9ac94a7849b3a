import { completeTags } from '#src/engine/cache/model/tags.ts'
import type { CorpusGateway } from './corpus-gateway.ts'
import { TENANT } from './corpus-gateway.ts'
import { RandomWriter, type Write } from './random-write.ts'
import { type RecordedRead, textOf } from './recording-cache.ts'

/**
 * Counts for one GraphQL coordinate (such as `Query.campaigns`): the values that were reloaded because of a write, and
 * the needless reloads among them, which found an unchanged value.
 */
export interface Reloads {
  readonly touched: number
  readonly needless: number
}

interface Known extends RecordedRead {
  text: string
  tags: ReadonlySet<string>
}

/**
 * Remembers every value that the corpus reads, and checks after each write whether the declared dependencies were
 * right. A value without an invalidated tag must be unchanged, and a value with an invalidated tag must be loaded
 * again.
 */
export class Judge {
  readonly #gateway: CorpusGateway
  readonly #writer: RandomWriter
  readonly #batches: readonly (readonly Known[])[]
  readonly #reloads = new Map<string, { touched: number; needless: number }>()

  private constructor(gateway: CorpusGateway, writer: RandomWriter, batches: readonly (readonly Known[])[]) {
    this.#gateway = gateway
    this.#writer = writer
    this.#batches = batches
  }

  /** Runs every operation of the corpus once. */
  static async start(gateway: CorpusGateway, random: () => number): Promise<Judge> {
    for (const operation of gateway.operations) {
      await gateway.ask(operation, 'ADMIN')
    }
    const batches: Known[][] = []
    // A value that proves its own version has a key that names the version. After a write it is not asked for any more, and a load of the old
    // version fails: test/routing covers these values.
    const judged = [...gateway.cache.reads.values()].filter(
      ({ policy }) => gateway.gateway.entityTypes.get(policy.name)?.provenTables === undefined,
    )
    for (const reads of Map.groupBy(judged, ({ load }) => load).values()) {
      const loaded = await loadAll(reads)
      batches.push(
        reads.map((read, index) => {
          const found = loaded[index]
          const tags = found instanceof Error || !found?.tags ? read.request.tags : [...read.request.tags, ...found.tags]
          return { ...read, text: textOf(found), tags: new Set(completeTags(tags)) }
        }),
      )
    }
    await gateway.takeInvalidated()
    const { database, entities } = gateway
    return new Judge(gateway, new RandomWriter({ database, tenant: TENANT, entities, shown: shownRows(gateway), random }), batches)
  }

  get values(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.length, 0)
  }

  /** Counts of reloads, by GraphQL coordinate. */
  get reloads(): ReadonlyMap<string, Reloads> {
    return this.#reloads
  }

  /**
   * Writes once, and compares all values before and after the write.
   * @returns one sentence for each wrong value.
   */
  async judge(only?: { readonly table: string; readonly column: string }): Promise<readonly string[]> {
    const write = await this.#writer.write(only)
    if (!write) return []
    const emitted = await this.#gateway.takeInvalidated()
    const tables = this.#writtenTables(emitted)
    if (!tables.has(write.table)) return [`After "${write.name}" no tag of ${write.table} was in the log: its triggers are missing.`]
    const problems: string[] = []
    for (const batch of this.#batches) {
      const covered = this.#gateway.gateway.coveredTables.get(batch[0]?.policy.name ?? '')
      if (covered && !covered.isDisjointFrom(tables)) problems.push(...(await this.#compare(batch, emitted, write)))
    }
    return problems
  }

  /**
   * Every statement on a watched table invalidates the tag `tenant:Type~`, which shows the tables that were written.
   */
  #writtenTables(emitted: ReadonlySet<string>): ReadonlySet<string> {
    const types = new Set([...emitted].filter((tag) => tag.endsWith('~')).map((tag) => tag.slice(tag.indexOf(':') + 1, -1)))
    return new Set(this.#gateway.entities.filter(({ type }) => types.has(type)).map(({ table }) => table))
  }

  async #compare(batch: readonly Known[], emitted: ReadonlySet<string>, write: Write): Promise<readonly string[]> {
    const loaded = (await loadAll(batch)).map(textOf)
    const problems: string[] = []
    const touched = batch.flatMap((known, position) => (known.tags.isDisjointFrom(emitted) ? [] : [{ known, position }]))
    for (const [position, known] of batch.entries()) {
      const text = loaded[position] ?? ''
      if (known.tags.isDisjointFrom(emitted) && text !== known.text) problems.push(missed(write, known, text))
    }
    const served = await this.#serve(touched.map(({ known }) => known))
    for (const [index, { known, position }] of touched.entries()) {
      const text = loaded[position] ?? ''
      const { name } = known.policy
      const counts = this.#reloads.get(name) ?? { touched: 0, needless: 0 }
      this.#reloads.set(name, { touched: counts.touched + 1, needless: counts.needless + (text === known.text ? 1 : 0) })
      const value = served[index]
      if (value && !value.isNew) problems.push(`After "${write.name}" the cache answered ${name} ${known.request.key.text} without a load.`)
      if (value && !text.startsWith('error') && value.text !== JSON.stringify(JSON.parse(text)[0]))
        problems.push(`After "${write.name}" the cache answered ${name} ${known.request.key.text} with another value than a load gives.`)
    }
    for (const [position, known] of batch.entries()) known.text = loaded[position] ?? ''
    return problems
  }

  /** Reads values through the cache. Returns the values, and whether the cache loaded each of them. */
  async #serve(batch: readonly Known[]): Promise<readonly { readonly text: string; readonly isNew: boolean }[]> {
    const [first] = batch
    if (!first) return []
    const { cache } = this.#gateway
    const layers = new Map<number, string>()
    const values = await cache.getMany(
      batch.map(({ request }) => request),
      first.policy,
      (indexes, signal) =>
        first.load(
          indexes.map((index) => (batch[index] as Known).index),
          signal,
        ),
      { session: cache.openSession(), observe: (index, { layer }) => void layers.set(index, layer) },
    )
    return values.map((value, index) => ({ text: JSON.stringify(value), isNew: value instanceof Error || layers.get(index) === 'origin' }))
  }
}

function missed({ name, columns }: Write, { policy, request }: Known, text: string): string {
  const remedy =
    columns.length > 0 ? `name ${columns.join(', ')} in \`listed\`, or add to its @cache(depends:)` : 'add to its @cache(depends:)'
  return `"${name}" changed ${policy.name}, which depends on ${request.tags.slice(1).join(', ') || 'nothing'}: ${remedy}. Key: ${request.key.text}. Now: ${text.slice(0, 200)}`
}

function loadAll(batch: readonly RecordedRead[]) {
  const signal = new AbortController().signal
  const [first] = batch
  if (!first) return Promise.resolve([])
  return first
    .load(
      batch.map(({ index }) => index),
      signal,
    )
    .catch((error: unknown) => batch.map(() => (error instanceof Error ? error : new Error(String(error)))))
}

/** Returns the ids of the rows in the responses of the corpus, by table. */
function shownRows({ cache, gateway }: CorpusGateway): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, string[]>()
  for (const { policy, request } of cache.reads.values()) {
    const entity = gateway.entityTypes.get(policy.name)?.entity
    const id = request.tags.at(-1)?.split(':').at(-1)
    if (!entity || id === undefined) continue
    shown.set(entity.table, [...(shown.get(entity.table) ?? []), id])
  }
  return shown
}

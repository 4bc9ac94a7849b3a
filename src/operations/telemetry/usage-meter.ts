import { PUBLIC_TENANT } from '../../engine/cache/model/entity.ts'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { Layer } from '../../engine/cache/model/read.ts'
import type { AnswersAtHand } from '../../gateway/graphql/endpoint/answer-counter.ts'
import type { AnswerLayer } from '../../gateway/graphql/endpoint/answer-layer.ts'
import type { OperationEvent } from '../../gateway/graphql/endpoint/response-plugin.ts'
import { type AnswerSums, AtHandCounter } from './at-hand-counter.ts'
import { BusiestRows } from './busiest-rows.ts'
import { LatencyMeter } from './latency-meter.ts'
import { kindOfTag } from './tag-kind.ts'
import {
  type FieldFigures,
  type FigureRow,
  FULL_RESET,
  type LatencyFigures,
  NO_ANSWERS,
  NO_MISSES,
  NO_READS,
  type OperationFigures,
  OTHER,
  type TagFigures,
  type TenantFigures,
  UNKNOWN_WRITE,
  type UsageFigures,
  type WriteFigures,
} from './usage.ts'

/** Facts of an answer that are added to the figures of its operation and its tenant. */
type Answer = Pick<OperationEvent, 'operationName' | 'operationHash' | 'kind' | 'tenant' | 'layer' | 'durationMs' | 'savedMs' | 'bytes'>

type Changing<Figures> = { -readonly [Name in keyof Figures]: Figures[Name] extends object ? Changing<Figures[Name]> : Figures[Name] }
type Reload = Extract<CacheEvent, { readonly type: 'reload' }>
type Counted<Figures extends FigureRow> = Changing<Omit<Figures, 'row'>>

/** Maximum number of cache policies with figures of their own. */
const MAX_FIELDS = 250
const MAX_OPERATIONS = 200
/** Maximum number of names of operations whose cache policies are known. */
const MAX_NAMES = 1000
const MAX_TENANTS = 50
const MAX_TAGS = 500
/** Maximum number of pairs of a cause of writes and a field. */
const MAX_WRITES = 500
/** Maximum number of counters whose answers are not in the figures yet. */
const MAX_COUNTED = 1000
/** A request that was refused before its operation was known. */
const REFUSED = {
  operationName: null,
  operationHash: undefined,
  kind: 'unknown',
  layer: 'refused',
  durationMs: 0,
  savedMs: 0,
  bytes: 0,
} as const

/** Counts reads, misses and answers of one process. Its memory is bounded, whatever names occur. */
export class UsageMeter {
  readonly #fields = new BusiestRows<Counted<FieldFigures>>({ maxRows: MAX_FIELDS, create: newField })
  readonly #operations = new BusiestRows<Counted<OperationFigures>>({ maxRows: MAX_OPERATIONS, create: newOperation })
  readonly #tenants = new BusiestRows<Counted<TenantFigures>>({ maxRows: MAX_TENANTS, create: newTenant })
  readonly #tags = new BusiestRows<Counted<TagFigures>>({ maxRows: MAX_TAGS, create: newTag })
  readonly #writes = new BusiestRows<Counted<WriteFigures>>({ maxRows: MAX_WRITES, create: newWrite })
  readonly #latency = new LatencyMeter()
  /** Cache policies of the values that an operation reads, by its name. */
  readonly #policyNames = new Map<string, readonly string[]>()
  /** Counters with answers that are not in the figures yet. */
  #counted: AtHandCounter[] = []
  #atHand = { requests: 0, notModified: 0 }

  /** Returns a copy of the figures. */
  figures(): UsageFigures {
    return {
      fields: this.fields(),
      operations: this.operations(),
      tenants: this.tenants(),
      tags: this.tags(),
      writes: this.writes(),
      latency: this.latency(),
    }
  }

  fields(): readonly FieldFigures[] {
    this.#settle()
    return copyOf<FieldFigures>(this.#fields)
  }

  operations(): readonly OperationFigures[] {
    this.#settle()
    return copyOf<OperationFigures>(this.#operations)
  }

  tenants(): readonly TenantFigures[] {
    this.#settle()
    return copyOf<TenantFigures>(this.#tenants)
  }

  tags(): readonly TagFigures[] {
    return copyOf<TagFigures>(this.#tags)
  }

  writes(): readonly WriteFigures[] {
    return copyOf<WriteFigures>(this.#writes)
  }

  /** Returns the number of answers from the memory of this process that were sent before anything was parsed. */
  atHand(): { readonly requests: number; readonly notModified: number } {
    this.#settle()
    return { ...this.#atHand }
  }

  /** Returns how many answers were cached, of those that could have been. */
  shareOfHits(): { readonly hits: number; readonly answers: number } {
    return this.#latency.shareOfHits()
  }

  /** Returns the policies that each operation reads, of the operations that this process knows. */
  policiesByOperation(): ReadonlyMap<string, readonly string[]> {
    return this.#policyNames
  }

  /** Returns the operations that read values of a cache policy, those with most requests first. @param max Maximum number. */
  readersOf(policy: string, max: number): readonly string[] {
    const rows = this.operations().filter(({ operation }) => this.#policyNames.get(operation)?.includes(policy))
    return rows
      .toSorted((a, b) => b.requests - a.requests)
      .slice(0, max)
      .map(({ operation }) => operation)
  }

  latency(): readonly LatencyFigures[] {
    return this.#latency.rows()
  }

  onCacheEvent(event: CacheEvent): void {
    switch (event.type) {
      case 'read':
        this.#read(event.policy, event.layer, event.count, event.savedMs)
        break
      case 'miss':
        this.#fields.of(event.policy).misses[event.cause] += event.count
        break
      case 'load': {
        const field = this.#fields.of(event.policy)
        field.loads += event.count - event.failed
        field.failedLoads += event.failed
        field.loadMs += event.durationMs
        break
      }
      case 'stored': {
        const field = this.#fields.of(event.policy)
        field.stored += event.count
        field.storedBytes += event.bytes
        break
      }
      case 'reused':
        this.#fields.of(event.policy).reused += event.count
        break
      case 'reload': {
        const { policy, count, needless, voidedBy } = event
        for (const figures of [this.#fields.of(policy), this.#tags.of(`${policy}\n${kindOfTag(voidedBy?.tag)}`)]) {
          figures.reloads += count
          figures.needlessReloads += needless
        }
        this.#reload(event)
        break
      }
    }
  }

  /**
   * Creates the counter of the whole responses of one operation from the memory of this process, which the engine does not report.
   * @param onDuration Called with the duration of each response, ms.
   */
  counterOf(answers: AnswersAtHand, onDuration: (durationMs: number) => void): AtHandCounter {
    return new AtHandCounter(answers, {
      onFirst: (counter) => {
        this.#counted.push(counter)
        if (this.#counted.length >= MAX_COUNTED) this.#settle()
      },
      onDuration: (durationMs) => {
        this.#latency.observe('at hand', durationMs)
        onDuration(durationMs)
      },
    })
  }

  onOperation(event: OperationEvent): void {
    const name = event.operationName ?? event.operationHash
    if (name !== undefined && event.policyNames !== undefined) {
      // Names that clients make up must not fill the memory. Those that are in use come again.
      if (this.#policyNames.size >= MAX_NAMES) this.#policyNames.clear()
      this.#policyNames.set(name, event.policyNames)
    }
    this.#answer(event, event.errorCodes.length)
  }

  /** Counts a request that was refused before its operation was known, or that failed unexpectedly. @param tenant Tenant of the caller; undefined if it is not known. */
  onRefused(tenant: string | undefined): void {
    this.#answer({ ...REFUSED, tenant }, 1)
  }

  /** Adds the answers that counters have counted to the figures. */
  #settle(): void {
    const counted = this.#counted
    this.#counted = []
    for (const counter of counted) this.#addAtHand(counter.answers, counter.take())
  }

  #addAtHand({ operationName, operationHash, tenant = PUBLIC_TENANT, policy }: AnswersAtHand, sums: AnswerSums): void {
    const { requests, notModified, savedMs } = sums
    this.#atHand.requests += requests
    this.#atHand.notModified += notModified
    this.#read(policy, 'l1', requests, savedMs)
    const operation = this.#operations.of(operationName ?? operationHash, requests)
    operation.kind = 'query'
    operation.hash = operationHash
    operation.notModified += notModified
    count(operation, 'at hand', sums, 0)
    count(this.#tenants.of(tenant, requests), 'at hand', sums, 0)
  }

  #answer(answer: Answer, errors: number): void {
    const { operationName, operationHash, kind, tenant = PUBLIC_TENANT, layer } = answer
    const operation = this.#operations.of(operationName ?? operationHash ?? OTHER)
    operation.kind = kind
    operation.hash = operationHash ?? ''
    count(operation, layer, { ...answer, requests: 1 }, errors)
    count(this.#tenants.of(tenant), layer, { ...answer, requests: 1 }, errors)
    this.#latency.observe(layer, answer.durationMs)
  }

  /** Adds reloads to what the write cost that voided the copies. */
  #reload({ policy, count, needless, loadMs, voidedBy, write = voidedBy ? UNKNOWN_WRITE : FULL_RESET }: Reload): void {
    const figures = this.#writes.of(`${write}\n${policy}`)
    if (loadMs === undefined) {
      figures.answers += count
      return
    }
    figures.reloads += count
    figures.needlessReloads += needless
    figures.loadMs += loadMs
  }

  #read(policy: string, layer: Layer | 'failed', count: number, savedMs: number): void {
    const field = this.#fields.of(policy)
    field.reads[layer] += count
    field.savedMs += savedMs
  }
}

function count(
  figures: Counted<TenantFigures> | Counted<OperationFigures>,
  layer: AnswerLayer,
  { requests, durationMs, savedMs, bytes }: Omit<AnswerSums, 'notModified'>,
  errors: number,
): void {
  figures.requests += requests
  figures.answers[layer] += requests
  figures.layerMs[layer] += durationMs
  figures.errors += errors
  figures.durationMs += durationMs
  figures.savedMs += savedMs
  figures.bytes += bytes
}

function copyOf<Row extends FigureRow>(rows: BusiestRows<Counted<Row>>): readonly Row[] {
  return rows.all().map(({ row, figures }) => {
    const parts = Object.entries(figures).map(([name, value]) => [name, typeof value === 'object' && value !== null ? { ...value } : value])
    return { row, ...Object.fromEntries(parts) } as Row
  })
}

function newField(field: string): Counted<FieldFigures> {
  const counts = { loads: 0, failedLoads: 0, loadMs: 0, savedMs: 0, reloads: 0, needlessReloads: 0, stored: 0, storedBytes: 0, reused: 0 }
  return { field, reads: { ...NO_READS }, misses: { ...NO_MISSES }, ...counts }
}

function newOperation(operation: string): Counted<OperationFigures> {
  const { tenant: _, ...figures } = newTenant(operation)
  return { operation, hash: '', kind: '', notModified: 0, ...figures }
}

function newTenant(tenant: string): Counted<TenantFigures> {
  const counts = { requests: 0, errors: 0, durationMs: 0, savedMs: 0, bytes: 0 }
  return { tenant, answers: { ...NO_ANSWERS }, layerMs: { ...NO_ANSWERS }, ...counts }
}

function newTag(name: string): Counted<TagFigures> {
  const [field = '', tag = OTHER] = name.split('\n')
  return { field, tag, reloads: 0, needlessReloads: 0 }
}

function newWrite(name: string): Counted<WriteFigures> {
  const [write = OTHER, field = OTHER] = name.split('\n')
  return { write, field, reloads: 0, needlessReloads: 0, loadMs: 0, answers: 0 }
}

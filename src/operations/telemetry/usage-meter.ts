import { PUBLIC_TENANT } from '../../engine/cache/model/entity.ts'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { Layer } from '../../engine/cache/model/read.ts'
import type { AnswerLayer } from '../../gateway/graphql/endpoint/answer-layer.ts'
import type { AnswerAtHandEvent, OperationEvent } from '../../gateway/graphql/endpoint/response-plugin.ts'
import { BusiestRows } from './busiest-rows.ts'
import { LatencyMeter } from './latency-meter.ts'
import { kindOfTag } from './tag-kind.ts'
import {
  type FieldFigures,
  type FigureRow,
  type LatencyFigures,
  NO_ANSWERS,
  NO_MISSES,
  NO_READS,
  type OperationFigures,
  OTHER,
  type TagFigures,
  type TenantFigures,
  type UsageFigures,
} from './usage.ts'

/** Facts of an answer that are added to the figures of its operation and its tenant. */
type Answer = Pick<OperationEvent, 'operationName' | 'operationHash' | 'kind' | 'tenant' | 'layer' | 'durationMs' | 'savedMs' | 'bytes'>

type Changing<Figures> = { -readonly [Name in keyof Figures]: Figures[Name] extends object ? Changing<Figures[Name]> : Figures[Name] }
type Counted<Figures extends FigureRow> = Changing<Omit<Figures, 'row'>>

/** Maximum number of cache policies with figures of their own. */
const MAX_FIELDS = 250
const MAX_OPERATIONS = 200
const MAX_TENANTS = 50
const MAX_TAGS = 500
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
  readonly #latency = new LatencyMeter()

  /** Returns a copy of the figures. */
  figures(): UsageFigures {
    return { fields: this.fields(), operations: this.operations(), tenants: this.tenants(), tags: this.tags(), latency: this.latency() }
  }

  fields(): readonly FieldFigures[] {
    return copyOf<FieldFigures>(this.#fields)
  }

  operations(): readonly OperationFigures[] {
    return copyOf<OperationFigures>(this.#operations)
  }

  tenants(): readonly TenantFigures[] {
    return copyOf<TenantFigures>(this.#tenants)
  }

  tags(): readonly TagFigures[] {
    return copyOf<TagFigures>(this.#tags)
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
      case 'reload': {
        const { policy, count, needless, voidedBy } = event
        for (const figures of [this.#fields.of(policy), this.#tags.of(`${policy}\n${kindOfTag(voidedBy?.tag)}`)]) {
          figures.reloads += count
          figures.needlessReloads += needless
        }
        break
      }
    }
  }

  /** Counts a whole response from the memory of this process, which the engine does not report. It must cost next to nothing. */
  onAnswerAtHand(answer: AnswerAtHandEvent): void {
    const { operationName, operationHash, tenant = PUBLIC_TENANT, policy, status, savedMs } = answer
    this.#read(policy, 'l1', 1, savedMs)
    const operation = this.#operations.of(operationName ?? operationHash)
    operation.kind = 'query'
    operation.hash = operationHash
    if (status === 304) operation.notModified++
    count(operation, 'at hand', answer, 0)
    count(this.#tenants.of(tenant), 'at hand', answer, 0)
    this.#latency.observe('at hand', answer.durationMs)
  }

  onOperation(event: OperationEvent): void {
    this.#answer(event, event.errorCodes.length)
  }

  /** Counts a request that was refused before its operation was known, or that failed unexpectedly. @param tenant Tenant of the caller; undefined if it is not known. */
  onRefused(tenant: string | undefined): void {
    this.#answer({ ...REFUSED, tenant }, 1)
  }

  #answer(answer: Answer, errors: number): void {
    const { operationName, operationHash, kind, tenant = PUBLIC_TENANT, layer } = answer
    const operation = this.#operations.of(operationName ?? operationHash ?? OTHER)
    operation.kind = kind
    operation.hash = operationHash ?? ''
    count(operation, layer, answer, errors)
    count(this.#tenants.of(tenant), layer, answer, errors)
    this.#latency.observe(layer, answer.durationMs)
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
  { durationMs, savedMs, bytes }: Pick<Answer, 'durationMs' | 'savedMs' | 'bytes'>,
  errors: number,
): void {
  figures.requests++
  figures.answers[layer]++
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
  const counts = { loads: 0, failedLoads: 0, loadMs: 0, savedMs: 0, reloads: 0, needlessReloads: 0 }
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

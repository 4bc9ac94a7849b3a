import { type Attributes, type Context, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import type { OpenStep } from '../../engine/cache/index.ts'

/** A step that is recorded as a span. */
export class SpanStep<Facts> implements OpenStep<Facts> {
  readonly span: Span
  readonly #context: Context
  readonly #describe: (span: Span, facts: Facts) => void

  /**
   * @param parent Context in which the span was started.
   * @param describe Adds the facts that are known at the end of the step to the span.
   */
  constructor(span: Span, parent: Context, describe: (span: Span, facts: Facts) => void = () => undefined) {
    this.span = span
    this.#context = trace.setSpan(parent, span)
    this.#describe = describe
  }

  get traceId(): string {
    return this.span.spanContext().traceId
  }

  contain<Result>(work: () => Result): Result {
    return context.with(this.#context, work)
  }

  waitedFor(other: OpenStep): void {
    if (other instanceof SpanStep) this.span.addLink({ context: other.span.spanContext() })
  }

  serverTiming(): undefined {
    return undefined
  }

  end(facts: Facts): void {
    if (!this.span.isRecording()) return
    this.#describe(this.span, facts)
    this.span.end()
  }

  fail(error: unknown): void {
    if (!this.span.isRecording()) return
    this.span.setAttributes(errorAttributes(error)).setStatus({ code: SpanStatusCode.ERROR })
    this.span.end()
  }
}

const SQLSTATE = /^[0-9A-Z]{5}$/
/** Redis begins the text of an error with its kind, such as `READONLY`. */
const REDIS_PREFIX = /^([A-Z]+)\b/

/**
 * Returns the kind of an error. The message is left out, because the message of a database error may contain values. A code of the server
 * is preferred to the code of the operating system, and that to the name of the error.
 */
function errorAttributes(error: unknown): Attributes {
  if (!(error instanceof Error)) return { 'error.type': '_OTHER' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const reply = error.name === 'ReplyError' ? REDIS_PREFIX.exec(error.message)?.[1] : undefined
  const answered = reply ?? (code !== undefined && 'severity' in error && SQLSTATE.test(code) ? code : undefined)
  return answered === undefined ? { 'error.type': code ?? error.name } : { 'error.type': answered, 'db.response.status_code': answered }
}

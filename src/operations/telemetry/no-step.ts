import type { OpenOperation } from '../../gateway/graphql/execution/operation-observer.ts'

/** A step that records nothing. */
export const NO_STEP: OpenOperation & { end(): void } = Object.freeze({
  traceId: undefined,
  contain: <Result>(work: () => Result): Result => work(),
  waitedFor: () => undefined,
  serverTiming: () => undefined,
  end: () => undefined,
  fail: () => undefined,
})

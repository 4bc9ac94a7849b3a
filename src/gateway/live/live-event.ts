import type { Staleness } from '../graphql/answers/staleness.ts'
import { staleExtension } from '../graphql/answers/staleness.ts'

/** The event after which a stream has no further ones (graphql-sse, distinct connections mode). */
const COMPLETE = 'event: complete\ndata:\n\n'

export interface EventFacts {
  /** Consistency token of the log position before the state was read; undefined if the stream is not a live query. */
  readonly token: string | undefined
  /** Staleness of the state; undefined if it is fresh. */
  readonly stale: Staleness | undefined
  /** Whether no event follows. */
  readonly isLast: boolean
}

/**
 * Returns an event `next` of graphql-sse.
 * @param body Result of an execution as JSON: an object that is not empty and has no `extensions`, if a token or a staleness is given.
 */
export function nextEvent(body: Uint8Array, { token, stale, isLast }: EventFacts): Buffer {
  const end = `\n\n${isLast ? COMPLETE : ''}`
  const start = `event: next\n${token === undefined ? '' : `id: ${token}\n`}data: `
  if (token === undefined && !stale) return Buffer.concat([Buffer.from(start), body, Buffer.from(end)])
  const extensions = { ...(token === undefined ? {} : { consistencyToken: token }), ...(stale ? { stale: staleExtension(stale) } : {}) }
  const tail = Buffer.from(`,"extensions":${JSON.stringify(extensions)}}${end}`)
  return Buffer.concat([Buffer.from(start), body.subarray(0, body.byteLength - 1), tail])
}

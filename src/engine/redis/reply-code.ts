import { ReplyError } from 'ioredis'

// Undocumented, see docs/internals.md: `ioredis.ReplyError`
/**
 * Returns the code of an error that the Redis server sent, such as `READONLY`: the first word of its message. Returns undefined for any
 * other error.
 */
export function replyCode(error: Error): string | undefined {
  return error instanceof ReplyError ? /^[A-Z]+\b/.exec(error.message)?.[0] : undefined
}

import type { Need } from './consistency-token.ts'

/** What one request must have observed. Opened by {@link Cache.openSession}; changed by the engine only. */
export class Session {
  /** What is still to be observed before the next read; undefined when nothing is. */
  need: Need | undefined
  /** The token of this request's last write, to be given to the client; undefined when it wrote nothing. */
  token: string | undefined

  constructor(need: Need | undefined) {
    this.need = need
  }
}

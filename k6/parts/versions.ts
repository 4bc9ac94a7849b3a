/** Staleness bound: maximum time by which a response without a consistency token may be behind a write, ms. */
const STALENESS_BOUND_MS = 1000
/** Tolerance in the check of the staleness bound, ms. Clocks count whole milliseconds, and a request may wait before it is sent. */
const MARGIN_MS = 100
/** Time after which a virtual user no longer sends a consistency token, ms. */
const TOKEN_LIFE_MS = 60_000
/** Maximum number of consistency tokens in one request. The gateway reads eight tokens of a request, so it ignores none of these. */
const MAX_TOKENS = 7

interface Known {
  readonly version: number
  readonly at: number
}

/** Committed versions of objects that one virtual user has seen, and the consistency tokens of the user's writes. */
export class Versions {
  readonly #known = new Map<string, Known[]>()
  readonly #written = new Map<string, number>()
  #tokens: readonly { readonly token: string; readonly until: number }[] = []

  /** Records the version of an object in a response that arrived at the time `at`. The version was committed before that time. */
  saw(id: string, version: number, at: number): void {
    const known = this.#known.get(id)
    if (!known) this.#known.set(id, [{ version, at }])
    else if (version > (known[known.length - 1]?.version ?? 0)) {
      // The check needs only the newest of the versions that were seen longer ago than the staleness bound. The versions before that
      // version are removed.
      const firstNeeded = known.findLastIndex((entry) => entry.at <= at - STALENESS_BOUND_MS - MARGIN_MS)
      known.splice(0, Math.max(0, firstNeeded))
      known.push({ version, at })
    }
  }

  /** Records an acknowledged write of this virtual user to an object. */
  wrote(id: string, version: number, at: number): void {
    this.saw(id, version, at)
    this.#written.set(id, Math.max(version, this.#written.get(id) ?? 0))
  }

  addToken(token: string, now: number): void {
    this.#tokens = [{ token, until: now + TOKEN_LIFE_MS }, ...this.#tokens].slice(0, MAX_TOKENS)
  }

  /** Returns the consistency tokens for the header Consistency-Token; an empty text if there are none. */
  tokens(now: number): string {
    return this.#tokens
      .filter(({ until }) => until > now)
      .map(({ token }) => token)
      .join(',')
  }

  newest(id: string): number | undefined {
    return this.#known.get(id)?.at(-1)?.version
  }

  hasWritten(id: string): boolean {
    return this.#written.has(id)
  }

  /**
   * Returns whether a response with this version of an object breaks the gateway's promise. A response to a request with a consistency
   * token must show this user's own writes, even if the response is flagged as stale. A response that is not flagged as stale must also
   * show all writes that were committed at least a second before the request was sent.
   */
  isTooOld(
    id: string,
    version: number,
    request: { readonly sentAt: number; readonly hasToken: boolean; readonly isFlagged: boolean },
  ): boolean {
    if (request.hasToken && version < (this.#written.get(id) ?? 0)) return true
    if (request.isFlagged) return false
    const bound = request.sentAt - STALENESS_BOUND_MS - MARGIN_MS
    return version < (this.#known.get(id)?.findLast(({ at }) => at <= bound)?.version ?? 0)
  }
}

/** Finds every object in a response that has an id and a version. */
export function versionsIn(value: unknown, found: { id: string; version: number }[] = []): readonly { id: string; version: number }[] {
  if (Array.isArray(value)) for (const item of value) versionsIn(item, found)
  else if (typeof value === 'object' && value !== null) {
    const { id, version } = value as { readonly id?: unknown; readonly version?: unknown }
    if (typeof id === 'string' && typeof version === 'number') found.push({ id, version })
    for (const item of Object.values(value)) versionsIn(item, found)
  }
  return found
}

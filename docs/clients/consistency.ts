/** Why and since when (ISO 8601) an answer may be out of date. */
export interface Stale {
  readonly reason: string
  readonly since: string
}

/** Called with each answer; without `stale` when the answer is fresh. */
export type OnAnswer = (operation: string, stale?: Stale) => void

export type Consistency = ReturnType<typeof createConsistency>

/** Keeps the tokens of one user's writes. One per tab; on a server, one per request. */
export function createConsistency(onAnswer: OnAnswer, tabs?: BroadcastChannel) {
  let kept: readonly { readonly token: string; readonly until: number }[] = []
  const add = (token: string) => {
    kept = [{ token, until: Date.now() + 60_000 }, ...kept].slice(0, 7)
  }
  if (tabs) tabs.onmessage = ({ data }) => add(data)
  return {
    add,
    /** The token of the newest write of the last minute. */
    newest: (): string | undefined => kept.find(({ until }) => until > Date.now())?.token,
    /** What to send with each request. */
    headers(): Record<string, string> {
      const tokens = kept.filter(({ until }) => until > Date.now()).map(({ token }) => token)
      return tokens.length > 0 ? { 'consistency-token': tokens.join() } : {}
    },
    /** To call with the extensions of each answer. */
    answered(operation: string, extensions: Readonly<Record<string, unknown>> = {}) {
      const { consistencyToken, stale } = extensions as { consistencyToken?: string; stale?: Stale }
      if (consistencyToken) {
        add(consistencyToken)
        tabs?.postMessage(consistencyToken)
      }
      onAnswer(operation, stale)
    },
  }
}

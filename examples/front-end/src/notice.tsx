import { CombinedGraphQLErrors } from '@apollo/client'
import { createContext, useContext, useSyncExternalStore } from 'react'
import { formatTime } from './format.ts'
import type { AnswerFacts, Freshness } from './freshness.ts'
import { isRepeating } from './reopen.ts'

export const FreshnessContext = createContext<Freshness | undefined>(undefined)

function useAnswerFacts(operation: string): AnswerFacts | undefined {
  const freshness = useContext(FreshnessContext)
  if (!freshness) throw new Error('Expected a FreshnessContext around this component.')
  return useSyncExternalStore(freshness.subscribe, () => freshness.of(operation))
}

interface NoticeProps {
  /** Name of the query whose answer is shown. */
  readonly operation: string
  /** Error of the newest attempt; undefined if it succeeded. */
  readonly error: Error | undefined
}

/** Says if what is shown may be out of date, and why. A page that hides this would show old values as if they were new. */
export function Notice({ operation, error }: NoticeProps) {
  const facts = useAnswerFacts(operation)
  if (error)
    return (
      <p className="notice" role="status">
        {facts ? `Not updated since ${formatTime(facts.at)}: ` : ''}
        {error.message}
        {CombinedGraphQLErrors.is(error) && isRepeating(error.errors) ? '' : ' The page tries again.'}
      </p>
    )
  if (facts?.isLost)
    return (
      <p className="notice" role="status">
        Not updated since {formatTime(facts.at)}: the connection is lost. The page connects again.
      </p>
    )
  if (facts?.stale)
    return (
      <p className="notice" role="status">
        This may be out of date since {formatTime(facts.stale.since)}: {facts.stale.reason}. The page tries again.
      </p>
    )
  return null
}

/** Shows how the newest answer came: for people who want to see the cache at work. */
export function Origin({ operation }: { readonly operation: string }) {
  const facts = useAnswerFacts(operation)
  if (!facts?.cache) return null
  return (
    <span className="origin" title="The header X-Cache of the newest answer, or LIVE for a result of a live query" data-cache={facts.cache}>
      {facts.cache} {formatTime(facts.at)}
    </span>
  )
}

import type { History } from '../../history/history.ts'
import type { StoredFigures, TimeRange } from '../../history/read-figures.ts'
import { RequestProblem } from '../request-problem.ts'

/** Returns the history. @throws RequestProblem BAD_USER_INPUT if it is turned off. */
export function requireHistory(history: History | undefined): History {
  if (!history) throw new RequestProblem('BAD_USER_INPUT', undefined, 'The history is off, so there are no figures: set HISTORY_DAYS to 7.')
  return history
}

/** Stores the newest figures of this process. If they cannot be stored now, those that were stored earlier are still right. */
export async function storeNow(history: History): Promise<void> {
  await history.store().catch(() => undefined)
}

/** Returns the figures of all processes in a time range, with the newest figures of this process. */
export async function figuresIn(history: History | undefined, range: TimeRange): Promise<StoredFigures> {
  const source = requireHistory(history)
  await storeNow(source)
  return source.figures(range)
}

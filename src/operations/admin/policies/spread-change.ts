import type { Confirmation } from '../contract.ts'
import type { Purger } from '../purge/purger.ts'

export interface SpreadOptions {
  readonly purger: Pick<Purger, 'confirmed'>
  /** Tells the other processes that the stored policies or experiments have changed. */
  readonly announce: (cause: string) => Promise<void>
}

/** Tells all processes about a stored change of policies. Returns which of them use it. @param version Version after the change. */
export async function spreadChange({ purger, announce }: SpreadOptions, version: number, cause: string): Promise<Confirmation[]> {
  // The change is stored. A process that does not get the announcement finds the change with its next report.
  await announce(cause).catch(() => undefined)
  const instances = await purger.confirmed(({ policies }) => policies >= version)
  // The staleness bound says nothing about policies: a process that has not confirmed may still use the old ones.
  return instances.map((one) => (one.state === 'lease ended' ? { ...one, state: 'pending' as const } : one))
}

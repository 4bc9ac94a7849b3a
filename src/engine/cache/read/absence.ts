import type { Entry } from '../model/entry.ts'
import type { MissCause, Voiding } from '../model/miss.ts'

/** The cause of a miss, as far as it is known. */
export interface Absence {
  readonly cause: MissCause
  /** The invalidation that voided the copy; undefined for another cause, and if a full reset voided it. */
  readonly voidedBy?: Voiding | undefined
  /** The copy that was voided, if it is still there. */
  readonly voided?: Entry | undefined
  /** Log positions between which a copy was lost whose tags are known only in part: its stamp, and the position at the read. */
  readonly lost?: { readonly stamp: number; readonly clock: number } | undefined
}

export const BYPASSED: Absence = { cause: 'bypassed' }

/** Returns the absence if an invalidation voided the copy that the read would have used; else undefined. */
export function voidedBefore(absence: Absence | undefined): Absence | undefined {
  return absence?.voided && absence
}

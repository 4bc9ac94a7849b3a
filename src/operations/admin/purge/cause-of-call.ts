import { causeOf } from '../../../engine/cache/model/write-cause.ts'
import type { Principal } from '../../../gateway/identity/principal.ts'

/** Returns the cause of a purge, as the invalidation log stores it: who, through which endpoint, and why. */
export function causeOfCall({ tenant, userId }: Principal, endpoint: string, reason: string | undefined): string {
  return causeOf('operator', `${userId} of ${tenant}: ${endpoint}${reason === undefined ? '' : `, ${reason}`}`)
}

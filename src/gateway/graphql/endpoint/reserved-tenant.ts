import { PUBLIC_TENANT } from '../../../engine/cache/model/entity.ts'
import { GatewayError } from '../../../errors.ts'
import type { RequestState } from './request-state.ts'

/** Refuses a token that names the reserved tenant. @throws GatewayError FORBIDDEN for such a token. */
export function refuseReservedTenant({ viewer }: RequestState): void {
  if (viewer?.tenant === PUBLIC_TENANT)
    throw new GatewayError('FORBIDDEN', `The tenant ${PUBLIC_TENANT} is reserved: no token may name it.`)
}

import type { WriteContext } from '../../../gateway/contract/module.ts'

/**
 * Ends the reservation of a routed call whose row the transaction has locked.
 * @param sold Whether the buyer pays for the call.
 * @returns what the publisher gets for the call, minor units.
 */
export async function endReservation({ db, tenant }: WriteContext, id: number, sold: boolean): Promise<number> {
  const { payoutMinor } = await db
    .updateTable('reservations')
    .set({ state: sold ? 'CONVERTED' : 'ENDED' })
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', 'CONNECTED')
    .returning('payoutMinor')
    .executeTakeFirstOrThrow()
  return sold ? payoutMinor : 0
}

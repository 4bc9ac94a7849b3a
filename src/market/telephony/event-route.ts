import { sql } from 'kysely'
import { causeOf } from '../../engine/cache/model/write-cause.ts'
import { GatewayError } from '../../errors.ts'
import type { HttpRoute } from '../../gateway/contract/http-route.ts'
import type { WriteContext } from '../../gateway/contract/module.ts'
import type { UserError } from '../../gateway/contract/user-error.ts'
import type { WritePath } from '../../gateway/writes/write-path.ts'
import { connectCall, missCall, settleCall } from '../modules/calls/writes.ts'
import './entity.ts'
import { readEvent, type TelephonyEvent } from './event.ts'
import { isSigned, REPLAY_WINDOW_MS, readSignedHeaders } from './signature.ts'

export interface EventRouteOptions {
  /** Secrets of carriers by tenant. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  readonly writes: Pick<WritePath, 'write'>
  /** Returns the current time, Unix epoch ms. */
  readonly now: () => number
}

/** The outcome of an event. */
export type EventOutcome =
  | { readonly outcome: 'APPLIED' }
  | { readonly outcome: 'DUPLICATE' }
  | { readonly outcome: 'IGNORED'; readonly reason: string }

const BODY_LIMIT_BYTES = 65_536
/** Days for which the ids of events are kept. It is much longer than {@link REPLAY_WINDOW_MS}. */
const KEPT_DAYS = 7
/** Number of old ids that one event deletes at most. So the table stays bounded without a job of its own. */
const DELETED_PER_EVENT = 20
const CAUSE = causeOf('program', 'telephony')

/** Creates the route on which carriers report what happens to calls: see docs/telephony.md. */
export function createEventRoute({ keys, writes, now }: EventRouteOptions): HttpRoute {
  const keysByTenant = new Map(Object.entries(keys))
  return {
    path: '/telephony/events',
    bodyLimitBytes: BODY_LIMIT_BYTES,
    authenticate({ headers, body }) {
      const signed = readSignedHeaders(headers)
      if (!isSigned(signed, body, keysByTenant.get(signed.tenant) ?? []))
        throw new GatewayError('UNAUTHENTICATED', 'The signature is not that of this event under a key of the tenant.')
      // The timestamp is judged after the signature, so only a carrier learns what time it is here.
      if (Math.abs(now() - 1000 * Number(signed.timestamp)) > REPLAY_WINDOW_MS)
        throw new GatewayError(
          'UNAUTHENTICATED',
          `Expected a timestamp within ${REPLAY_WINDOW_MS / 60_000} minutes of now, got another one: set the clock, or sign the event again.`,
        )
      return { tenant: signed.tenant, userId: 'telephony', role: 'EDITOR' }
    },
    async handle(principal, { headers, body }) {
      const { eventId } = readSignedHeaders(headers)
      const event = readEvent(body)
      const { result, token } = await writes.write(principal, (write) => applyEvent(write, eventId, event), undefined, CAUSE)
      return { body: result, token }
    },
  }
}

/** Applies an event once. Its id is stored in the transaction of its effect, so neither can be without the other. */
async function applyEvent(write: WriteContext, eventId: string, event: TelephonyEvent): Promise<EventOutcome> {
  const { db, tenant } = write
  const { rows } = await sql<{ isTenant: boolean; isNew: boolean }>`
    with tenant as (select id from tenants where id = ${tenant}),
      inserted as (insert into telephony_events (tenant_id, event_id) select id, ${eventId} from tenant on conflict do nothing returning 1)
    select exists (select from tenant) as is_tenant, exists (select from inserted) as is_new
  `.execute(db)
  if (!rows[0]?.isTenant) throw new GatewayError('NOT_FOUND', 'The tenant of Telephony-Tenant is not known here: it has no calls.')
  if (!rows[0].isNew) return { outcome: 'DUPLICATE' }
  await deleteOldIds(write)
  const outcome = await changeCall(write, event)
  return 'errors' in outcome ? outcomeOf(outcome.errors) : { outcome: 'APPLIED' }
}

function changeCall(write: WriteContext, event: TelephonyEvent) {
  switch (event.type) {
    case 'call.answered':
      return connectCall(write, event.callId)
    case 'call.missed':
      return missCall(write, event.callId)
    case 'call.ended':
      return settleCall(write, event.callId, event.durationSeconds)
  }
}

/** Returns the outcome of an event that comes too late. @throws GatewayError for any other error, which undoes the transaction. */
function outcomeOf([error]: readonly UserError[]): EventOutcome {
  if (error?.code === 'INVALID_STATE') return { outcome: 'IGNORED', reason: error.message }
  throw new GatewayError(error?.code === 'NOT_FOUND' ? 'NOT_FOUND' : 'BAD_USER_INPUT', error?.message)
}

async function deleteOldIds({ db }: WriteContext): Promise<void> {
  await sql`
    delete from telephony_events where (tenant_id, event_id) in (
      select tenant_id, event_id from telephony_events where received_at < now() - ${`${KEPT_DAYS} days`}::interval
      order by received_at limit ${DELETED_PER_EVENT} for update skip locked)
  `.execute(db)
}

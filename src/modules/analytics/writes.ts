import { sql } from 'kysely'
import { domainType } from '../domains/entity.ts'
import { isGlobalId, notGlobalId, rowIdOf } from '../global-id.ts'
import type { NewEvent, RequestContext, WriteContext } from '../module.ts'
import { type UserError, userError } from '../user-error.ts'

export interface EventInput {
  readonly eventId: string
  readonly campaignId: string
  readonly domainId?: string | null | undefined
  readonly kind: NewEvent['kind']
  readonly occurredAt: string
}

export interface TrackedEvents {
  readonly accepted: number
  readonly duplicates: number
  readonly errors: readonly UserError[]
}

interface Fault {
  readonly code: UserError['code']
  readonly message: string
  readonly field: keyof EventInput
}

const NO_CAMPAIGN: Fault = { code: 'NOT_FOUND', message: 'There is no such campaign.', field: 'campaignId' }
const MOST_EVENTS = 1000
const EVENT_ID = /^[A-Za-z0-9._:-]{1,64}$/
const EARLIEST = Date.UTC(2000, 0, 1)
const DAY_MS = 24 * 60 * 60 * 1000

/** Stores the events that are right and names those that are not. */
export async function trackEvents(context: RequestContext, inputs: readonly EventInput[], now: number): Promise<TrackedEvents> {
  if (inputs.length < 1 || inputs.length > MOST_EVENTS) {
    const message = `Expected from 1 to ${MOST_EVENTS} events, got ${inputs.length}: send them in several batches.`
    return { accepted: 0, duplicates: 0, errors: [userError('INVALID', message, ['input', 'events'])] }
  }
  const checked = await Promise.all(inputs.map((input) => checkEvent(context, input, now)))
  const errors = new Map<number, UserError>()
  const fail = (position: number, { code, message, field }: Fault) =>
    errors.set(position, userError(code, message, ['input', 'events', String(position), field]))
  const right: { readonly position: number; readonly event: NewEvent }[] = []
  for (const [position, result] of checked.entries()) {
    if ('eventId' in result) right.push({ position, event: result })
    else fail(position, result)
  }
  if (right.length === 0) return { accepted: 0, duplicates: 0, errors: [...errors.values()] }
  const { accepted, duplicates, rejected } = await context.recordEvents(right.map(({ event }) => event))
  for (const index of rejected) {
    const position = right[index]?.position
    if (position !== undefined) fail(position, NO_CAMPAIGN)
  }
  return { accepted, duplicates, errors: [...errors].toSorted(([one], [other]) => one - other).map(([, error]) => error) }
}

/** @returns How many rows of the tenant's rollups differed from what the base tables say; they are right now. */
export async function refreshRollups({ db, tenant }: WriteContext): Promise<number> {
  const { rows } = await sql<{ corrected: number }>`select refresh_rollups(${tenant}) as corrected`.execute(db)
  return rows[0]?.corrected ?? 0
}

/** Whether the campaign is the tenant's own is seen when the event is written. */
async function checkEvent(context: RequestContext, input: EventInput, now: number): Promise<NewEvent | Fault> {
  if (!EVENT_ID.test(input.eventId)) {
    return { code: 'INVALID', message: 'Expected an eventId of 1 to 64 characters of A-Z a-z 0-9 . _ : -', field: 'eventId' }
  }
  const occurredAt = Date.parse(input.occurredAt)
  if (!(occurredAt >= EARLIEST && occurredAt <= now + DAY_MS)) {
    return {
      code: 'INVALID',
      message: `Expected a time from 2000 on and at most a day ahead, got ${input.occurredAt}.`,
      field: 'occurredAt',
    }
  }
  if (!isGlobalId(input.campaignId)) return { code: 'INVALID', message: notGlobalId(input.campaignId), field: 'campaignId' }
  const campaignId = rowIdOf('Campaign', input.campaignId)
  if (campaignId === null) return NO_CAMPAIGN
  const event = { eventId: input.eventId, campaignId: String(campaignId), kind: input.kind, occurredAt: input.occurredAt }
  if (input.domainId == null) return { ...event, domainId: null }
  if (!isGlobalId(input.domainId)) return { code: 'INVALID', message: notGlobalId(input.domainId), field: 'domainId' }
  const domainId = rowIdOf('Domain', input.domainId)
  const domain = domainId === null ? null : await context.load(domainType, domainId)
  if (domain?.campaignId !== campaignId) return { code: 'NOT_FOUND', message: 'The campaign has no such domain.', field: 'domainId' }
  return { ...event, domainId: String(domain.id) }
}

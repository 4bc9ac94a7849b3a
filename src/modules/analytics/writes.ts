import { sql } from 'kysely'
import { campaignType } from '../campaigns/entity.ts'
import { domainType } from '../domains/entity.ts'
import { rowIdOf } from '../global-id.ts'
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

const MOST_EVENTS = 1000
const EVENT_ID = /^[A-Za-z0-9._:-]{1,64}$/
const EARLIEST = Date.UTC(2000, 0, 1)
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Stores the events that are right and names those that are not. That a campaign is the tenant's own is known from its cached
 * row; where the campaign goes away meanwhile, so do its events, whichever came first.
 */
export async function trackEvents(context: RequestContext, inputs: readonly EventInput[], now: number): Promise<TrackedEvents> {
  if (inputs.length < 1 || inputs.length > MOST_EVENTS) {
    const message = `Expected from 1 to ${MOST_EVENTS} events, got ${inputs.length}: send them in several batches.`
    return { accepted: 0, duplicates: 0, errors: [userError('INVALID', message, ['input', 'events'])] }
  }
  const checked = await Promise.all(inputs.map((input, position) => checkEvent(context, input, ['input', 'events', String(position)], now)))
  const events = checked.filter((result): result is NewEvent => !('code' in result))
  const errors = checked.filter((result): result is UserError => 'code' in result)
  if (events.length === 0) return { accepted: 0, duplicates: 0, errors }
  const { accepted, duplicates, rejected } = await context.recordEvents(events)
  return { accepted, duplicates, errors: [...errors, ...rejected.map(() => userError('NOT_FOUND', 'A campaign was deleted meanwhile.', ['input', 'events']))] }
}

/** @returns How many rows of the tenant's rollups differed from what the base tables say; they are right now. */
export async function refreshRollups({ db, tenant }: WriteContext): Promise<number> {
  const { rows } = await sql<{ corrected: number }>`select refresh_rollups(${tenant}) as corrected`.execute(db)
  return rows[0]?.corrected ?? 0
}

async function checkEvent(context: RequestContext, input: EventInput, path: readonly string[], now: number): Promise<NewEvent | UserError> {
  if (!EVENT_ID.test(input.eventId)) {
    return userError('INVALID', 'Expected an eventId of 1 to 64 characters of A-Z a-z 0-9 . _ : -', [...path, 'eventId'])
  }
  const occurredAt = Date.parse(input.occurredAt)
  if (!(occurredAt >= EARLIEST && occurredAt <= now + DAY_MS)) {
    return userError('INVALID', `Expected a time from 2000 on and at most a day ahead, got ${input.occurredAt}.`, [...path, 'occurredAt'])
  }
  const campaignId = rowIdOf('Campaign', input.campaignId)
  const campaign = campaignId === null ? null : await context.load(campaignType, campaignId)
  if (campaign === null) return userError('NOT_FOUND', 'There is no such campaign.', [...path, 'campaignId'])
  const domainId = input.domainId == null ? null : rowIdOf('Domain', input.domainId)
  const domain = domainId === null ? null : await context.load(domainType, domainId)
  if (input.domainId != null && domain?.campaignId !== campaign.id) {
    return userError('NOT_FOUND', 'The campaign has no such domain.', [...path, 'domainId'])
  }
  return {
    eventId: input.eventId,
    campaignId: String(campaign.id),
    domainId: domain && String(domain.id),
    kind: input.kind,
    occurredAt: input.occurredAt,
  }
}

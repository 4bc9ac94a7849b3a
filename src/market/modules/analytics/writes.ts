import { sql } from 'kysely'
import { inputId } from '../../../gateway/contract/input-id.ts'
import type { RequestContext, WriteContext } from '../../../gateway/contract/module.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { rangeErrors } from '../../../gateway/contract/range-input.ts'
import { notFound, type UserError, userError } from '../../../gateway/contract/user-error.ts'
import type { NoMore } from '../no-more.ts'
import type { EventInput } from '../schema-types.generated.ts'
import type { EventRecorder, RejectedEvent } from './event-recorder.ts'
import type { NewEvent } from './insert-events.ts'

export interface TrackedEvents {
  readonly accepted: number
  readonly duplicates: number
  readonly errors: readonly UserError[]
}

const MAX_EVENTS = 1000
const EVENT_ID = /^[A-Za-z0-9._:-]{1,64}$/
const EARLIEST = Date.UTC(2000, 0, 1)
const DAY_MS = 24 * 60 * 60 * 1000

/** Stores the valid events of a `trackEvents` mutation, and returns an error for each invalid event. */
export async function trackEvents(
  context: RequestContext,
  record: EventRecorder['record'],
  inputs: readonly EventInput[],
): Promise<TrackedEvents> {
  const { tenant } = context.requireViewer()
  const { now } = context.uncached
  const wrongCount = rangeErrors(inputs.length, { min: 1, max: MAX_EVENTS, unit: 'events at once' }, ['input', 'events'])
  if (wrongCount.length > 0) return { accepted: 0, duplicates: 0, errors: wrongCount }
  const pathOf = (position: number) => ['input', 'events', String(position)]
  const errors = new Map<number, UserError>()
  const right: { readonly position: number; readonly event: NewEvent }[] = []
  for (const [position, input] of inputs.entries()) {
    const result = checkEvent(input, now, pathOf(position))
    if ('error' in result) errors.set(position, result.error)
    else right.push({ position, event: result })
  }
  if (right.length === 0) return { accepted: 0, duplicates: 0, errors: [...errors.values()] }
  const { accepted, duplicates, rejected } = await context.acknowledge(() =>
    record(
      tenant,
      right.map(({ event }) => event),
    ),
  )
  for (const { position: index, missing } of rejected) {
    const position = right[index]?.position
    if (position !== undefined) errors.set(position, missingError(missing, pathOf(position)))
  }
  return { accepted, duplicates, errors: [...errors].toSorted(([one], [other]) => one - other).map(([, error]) => error) }
}

/** Recomputes the tenant's rollup tables. @returns the number of rollup rows that differed from the base tables and were corrected. */
export async function refreshRollups({ db, tenant }: WriteContext): Promise<number> {
  const { rows } = await sql<{ corrected: number }>`select refresh_rollups(${tenant}) as corrected`.execute(db)
  return rows[0]?.corrected ?? 0
}

/**
 * Validates one event. It does not check whether the campaign and the domain belong to the tenant; that is checked when the event is
 * written.
 */
function checkEvent(input: EventInput, now: number, path: readonly string[]): NewEvent | { readonly error: UserError } {
  const { eventId, kind, occurredAt, campaignId, domainId, ...others } = input
  others satisfies NoMore
  const refused = (field: keyof EventInput, message: string) => ({ error: userError('INVALID', message, [...path, field]) })
  if (!EVENT_ID.test(eventId)) {
    return refused('eventId', `Expected an eventId of 1 to 64 characters of A-Z a-z 0-9 . _ : - , got ${quote(eventId)}.`)
  }
  const moment = Date.parse(occurredAt)
  if (!(moment >= EARLIEST && moment <= now + DAY_MS)) {
    return refused('occurredAt', `Expected a time from 2000 on and at most a day ahead, got ${occurredAt}.`)
  }
  const campaign = inputId('Campaign', campaignId, [...path, 'campaignId'])
  if ('error' in campaign) return campaign
  const event = { eventId, campaignId: String(campaign.id), kind, occurredAt }
  if (domainId == null) return { ...event, domainId: null }
  const domain = inputId('Domain', domainId, [...path, 'domainId'])
  if ('error' in domain) return domain.error.code === 'INVALID' ? domain : { error: missingError('domain', path) }
  return { ...event, domainId: String(domain.id) }
}

function missingError(missing: RejectedEvent['missing'], path: readonly string[]): UserError {
  if (missing === 'campaign') return notFound('campaign', [...path, 'campaignId'])
  return userError('NOT_FOUND', 'The campaign has no such domain.', [...path, 'domainId'])
}

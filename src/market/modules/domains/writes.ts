import { sql } from 'kysely'
import { unlessTaken } from '../../../engine/postgres/unique-violation.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { rangeErrors } from '../../../gateway/contract/range-input.ts'
import { changeRows, lockRows, versionConflict } from '../../../gateway/contract/row-lock.ts'
import { notFound, type UserError, userError } from '../../../gateway/contract/user-error.ts'
import type { Domain } from './entity.ts'

type Status = Domain['status']

export interface StatusChange {
  readonly domains: readonly {
    /** Id of the domain; an error if the given id cannot be the id of a domain. */
    readonly id: number | UserError
    /** Path of the input field that named the domain. */
    readonly path: readonly string[]
    /** Version that the client expects. The change is refused if the domain has a different version. Null accepts any version. */
    readonly version: number | null
  }[]
  readonly status: Status
}

export interface StatusOutcome {
  readonly changed: readonly number[]
  readonly errors: readonly UserError[]
}

const MAX_DOMAINS = 1000

const followingStatuses: Readonly<Record<Status, readonly Status[]>> = {
  GENERATED: ['REGISTERED', 'REJECTED'],
  REJECTED: ['GENERATED'],
  REGISTERED: ['LIVE', 'EXPIRED'],
  LIVE: ['PAUSED', 'EXPIRED'],
  PAUSED: ['LIVE', 'EXPIRED'],
  EXPIRED: ['REGISTERED'],
}

/**
 * Sets the status of each domain for which the change is allowed, and returns an error for each other domain. Rows are locked in the order
 * of their ids, so that two concurrent changes cannot deadlock.
 */
export async function setDomainsStatus(write: WriteContext, { domains, status }: StatusChange): Promise<StatusOutcome> {
  const wrongCount = idCountErrors(domains.length)
  if (wrongCount.length > 0) return { changed: [], errors: wrongCount }
  const named = domains.flatMap(({ id }) => (typeof id === 'number' ? id : []))
  const found = await lockRows(write, 'domains', ['name', 'status'], named)
  const byId = new Map(found.map((domain) => [domain.id, domain]))
  const names = status === 'LIVE' ? found.map(({ name }) => name) : []
  const taken = await liveElsewhere(write, names)

  const errors: UserError[] = []
  const changing = new Set<number>()
  for (const { id, path, version } of domains) {
    const domain = typeof id === 'number' ? byId.get(id) : undefined
    if (typeof id !== 'number') errors.push(id)
    else if (!domain) errors.push(notFound('domain', path))
    else {
      const error = versionConflict({ noun: 'domain', id, path, version }, domain.version) ?? stateError(domain, status, path)
      if (error) errors.push(error)
      else if (taken.has(domain.name)) errors.push(nameTaken(domain.name, path))
      else changing.add(domain.id)
    }
  }
  const changed = [...changing]
  if (changed.length > 0) await changeRows(write, 'domains', changed, { status, updatedAt: new Date(write.now).toISOString() })
  return { changed, errors }
}

/** Returns an error if the number of ids is out of bounds. The check needs only the count, so a caller can check before parsing the ids. */
export function idCountErrors(count: number): UserError[] {
  return rangeErrors(count, { min: 1, max: MAX_DOMAINS, unit: 'ids' }, ['input', 'ids'])
}

/**
 * Runs a change of the status of domains. Only one tenant can have a LIVE domain with a given name. Returns the error NAME_TAKEN if another
 * tenant concurrently gave the status LIVE to a domain with the same name as one of the changed domains.
 */
export function unlessNameTaken(change: () => Promise<StatusOutcome>): Promise<StatusOutcome> {
  return unlessTaken('domains_live_name', change, () => ({ changed: [], errors: [nameTaken('One of the names', ['input'])] }))
}

function stateError(domain: Pick<Domain, 'name' | 'status'>, status: Status, path: readonly string[]): UserError | null {
  const following = followingStatuses[domain.status]
  if (following.includes(status)) return null
  return userError('INVALID_STATE', `${domain.name} is ${domain.status}: it can become ${following.join(' or ')}, not ${status}.`, path)
}

async function liveElsewhere({ db, tenant }: Pick<WriteContext, 'db' | 'tenant'>, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set()
  // This query reads rows of other tenants. It reveals nothing, because the public field `liveDomain` tells everybody which names are LIVE.
  const rows = await db
    .selectFrom('domains')
    .select('name')
    .where('name', '=', sql<string>`any(${names}::text[])`)
    .where('status', '=', 'LIVE')
    .where('tenantId', '<>', tenant)
    .execute()
  return new Set(rows.map(({ name }) => name))
}

function nameTaken(name: string, path: readonly string[]): UserError {
  return userError('NAME_TAKEN', `${name} is LIVE for another tenant. That tenant has to change the status of its domain first.`, path)
}

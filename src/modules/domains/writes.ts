import { sql } from 'kysely'
import type { WriteContext } from '../module.ts'
import { anyOf } from '../row-order.ts'
import { type UserError, userError } from '../user-error.ts'
import type { Domain } from './entity.ts'

type Status = Domain['status']

export interface StatusChange {
  readonly domains: readonly {
    /** What is wrong with the id, where it can be no domain's. */
    readonly id: number | UserError
    /** Of the input that named it. */
    readonly path: readonly string[]
    /** Refused unless this is the current one; null to change any. */
    readonly version: number | null
  }[]
  readonly status: Status
}

export interface StatusOutcome {
  readonly changed: readonly number[]
  readonly errors: readonly UserError[]
}

const MAX_DOMAINS = 1000

export const followingStatuses: Readonly<Record<Status, readonly Status[]>> = {
  GENERATED: ['REGISTERED', 'REJECTED'],
  REJECTED: ['GENERATED'],
  REGISTERED: ['LIVE', 'EXPIRED'],
  LIVE: ['PAUSED', 'EXPIRED'],
  PAUSED: ['LIVE', 'EXPIRED'],
  EXPIRED: ['REGISTERED'],
}

/** Changes those domains that can be changed; each other one has an error. Rows are locked in the order of their ids. */
export async function setDomainsStatus({ db, tenant, now }: WriteContext, { domains, status }: StatusChange): Promise<StatusOutcome> {
  const wrongCount = idCountError(domains.length)
  if (wrongCount) return { changed: [], errors: [wrongCount] }
  const found = await db
    .selectFrom('domains')
    .select(['id', 'name', 'status', 'version'])
    .where('tenantId', '=', tenant)
    .where('id', '=', anyOf(domains.flatMap(({ id }) => (typeof id === 'number' ? id : []))))
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  const byId = new Map(found.map((domain) => [domain.id, domain]))
  const taken =
    status === 'LIVE'
      ? await liveElsewhere(
          { db, tenant },
          found.map(({ name }) => name),
        )
      : new Set<string>()

  const errors: UserError[] = []
  const changing = new Set<number>()
  for (const { id, path, version } of domains) {
    const domain = typeof id === 'number' ? byId.get(id) : undefined
    if (typeof id !== 'number') errors.push(id)
    else if (!domain) errors.push(userError('NOT_FOUND', 'There is no such domain.', path))
    else if (version !== null && version !== domain.version) {
      errors.push(
        userError('CONFLICT', `Version ${version} is not the current one, which is ${domain.version}: read the domain again.`, path),
      )
    } else if (!followingStatuses[domain.status].includes(status)) {
      const next = followingStatuses[domain.status].join(' or ')
      errors.push(userError('INVALID_STATE', `${domain.name} is ${domain.status}: it can become ${next}, not ${status}.`, path))
    } else if (taken.has(domain.name)) errors.push(nameTaken(domain.name, path))
    else changing.add(domain.id)
  }
  const changed = [...changing]
  if (changed.length > 0) {
    await db
      .updateTable('domains')
      .set({ status, version: sql`version + 1`, updatedAt: new Date(now).toISOString() })
      .where('tenantId', '=', tenant)
      .where('id', '=', anyOf(changed))
      .execute()
  }
  return { changed, errors }
}

/** What is wrong with the number of ids, which is known before any of them is read; null when nothing is. */
export function idCountError(count: number): UserError | null {
  if (count >= 1 && count <= MAX_DOMAINS) return null
  return userError('INVALID', `Expected from 1 to ${MAX_DOMAINS} ids, got ${count}.`, ['input', 'ids'])
}

/** Two tenants that put one name on the air at once: the database lets the first, and here is what the second is told. */
export async function orNameTaken(change: () => Promise<StatusOutcome>): Promise<StatusOutcome> {
  try {
    return await change()
  } catch (error) {
    if (!isLiveNameViolation(error)) throw error
    return { changed: [], errors: [nameTaken('One of the names', ['input'])] }
  }
}

async function liveElsewhere({ db, tenant }: Pick<WriteContext, 'db' | 'tenant'>, names: readonly string[]): Promise<ReadonlySet<string>> {
  // The only query that looks at other tenants' rows: that a live name is taken is public, by `liveDomain`.
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
  return userError('NAME_TAKEN', `${name} is live in another account, which has to take it off the air first.`, path)
}

function isLiveNameViolation(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === '23505' && 'constraint' in error && error.constraint === 'domains_live_name'
  )
}

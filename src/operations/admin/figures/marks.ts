import type { History } from '../../history/history.ts'
import { type InvalidationRow, isBroadTag } from '../../history/invalidation-row.ts'
import { MINUTE_MS, type TimeRange } from '../../history/read-figures.ts'
import type { RunStatement } from '../../history/run-statement.ts'
import { isOfTenant } from '../access.ts'
import type { SeriesMark } from '../contract.ts'

export interface MarksOptions {
  readonly read: RunStatement
  readonly history: History
  /** Returns the newest rows of the invalidation log that this process knows. The history lacks those before its first look at the log. */
  readonly recent: () => readonly BroadRow[]
}

type BroadRow = Pick<InvalidationRow, 'epoch' | 'seq' | 'at' | 'causes' | 'tags'>

const MAX_MARKS = 200
const MAX_TEXT = 160

/** Calls of the management API that change what is cached, with a function that says what a call did. */
const CHANGES: Readonly<Record<string, (given: Arguments) => string>> = {
  'POST /invalidate': ({ tags, pattern, table, key }) => `Purge of ${[tags, pattern, table, key].flat().filter(isText).join(', ')}`,
  'POST /clear-all': ({ confirm }) => `Purge of all values of ${confirm === 'all' ? 'all tenants' : confirm}`,
  'POST /key/delete': ({ key }) => `Purge of the key ${key}`,
  'POST /namespaces': ({ namespace }) =>
    `Bump of ${namespace?.all ? 'all' : [namespace?.tenant, namespace?.type].filter(isText).join(':')}`,
  'POST /policies': ({ set, reset }) =>
    `Change of cache policies: ${[...(set ?? []).map((one) => one?.coordinate), ...(reset ?? [])].filter(isText).join(', ')}`,
  'POST /experiments': ({ coordinate }) => `Start of an experiment on ${coordinate}`,
  'POST /experiments/stop': ({ coordinate }) => `End of the experiment on ${coordinate}`,
}
/** Calls of these that change policies. All others are purges. */
const POLICY_CHANGES = ['POST /policies', 'POST /experiments', 'POST /experiments/stop']

/** Arguments of a call as the audit log stores them: long lists are cut off. */
interface Arguments {
  readonly tags?: readonly unknown[]
  readonly pattern?: unknown
  readonly table?: unknown
  readonly key?: unknown
  readonly confirm?: unknown
  readonly namespace?: { readonly all?: unknown; readonly tenant?: unknown; readonly type?: unknown }
  readonly set?: readonly { readonly coordinate?: unknown }[]
  readonly reset?: readonly unknown[]
  readonly coordinate?: unknown
  readonly reason?: unknown
}

/**
 * Reads the events of a time range that can explain a change of the hit rate, oldest first.
 * @param tenant Tenant to which the caller is limited; undefined for all tenants.
 */
export async function readMarks(
  { read, history, recent }: MarksOptions,
  range: TimeRange,
  tenant: string | undefined,
): Promise<SeriesMark[]> {
  const ask = (statement: string, ...more: unknown[]) => read(statement, [range.from, range.to, ...more])
  const deploys = await ask(
    `select (extract(epoch from at) * 1000)::float8 as at, version
     from (select at, version, lag(version) over (order by id) as former from cache_deploys) as starts
     where former is distinct from version and at >= to_timestamp($1::float8 / 1000) and at < to_timestamp($2::float8 / 1000)
     order by 1 desc limit ${MAX_MARKS}`,
  )
  const calls = await ask(
    `select (extract(epoch from at) * 1000)::float8 as at, tenant, user_id as user, endpoint, arguments::text as given
     from cache_audit_log
     where endpoint like 'POST %' and endpoint = any($3) and at >= to_timestamp($1::float8 / 1000) and at < to_timestamp($2::float8 / 1000)
       and outcome = 'ok' and ($4::text is null or tenant = $4) and coalesce(arguments ->> 'dryRun', 'false') <> 'true'
     order by at desc limit ${MAX_MARKS}`,
    Object.keys(CHANGES),
    tenant ?? null,
  )
  const stored: readonly BroadRow[] = await history.invalidations({ range, tenant, isBroad: true, limit: MAX_MARKS })
  const known = recent().filter(({ at, tags }) => at >= range.from && at < range.to && tags.includes('*'))
  const broad = new Map([...known, ...stored].map((row) => [`${row.epoch} ${row.seq}`, row]))
  const marks = [
    ...deploys.map((row) => ({ at: Number(row['at']), kind: 'deploy' as const, text: `Version ${row['version']} was started.`, by: null })),
    ...calls.map((row) => markOfCall(row)),
    ...marksOfRows([...broad.values()], tenant),
  ]
  return marks
    .toSorted((a, b) => a.at - b.at)
    .slice(-MAX_MARKS)
    .map(({ at, ...mark }) => ({ at: new Date(at).toISOString(), ...mark }))
}

function markOfCall(row: Readonly<Record<string, unknown>>) {
  const endpoint = String(row['endpoint'])
  const given = JSON.parse(String(row['given'])) as Arguments
  const reason = isText(given.reason) ? ` (${given.reason})` : ''
  const kind = POLICY_CHANGES.includes(endpoint) ? ('policy' as const) : ('purge' as const)
  return { at: Number(row['at']), kind, text: sentence(`${CHANGES[endpoint]?.(given)}${reason}`), by: `${row['user']} of ${row['tenant']}` }
}

/** Returns one mark for the rows of each cause and minute, so that a program that writes in bulk leaves few. */
function marksOfRows(rows: readonly BroadRow[], tenant: string | undefined) {
  const isSeen = (tag: string) => tenant === undefined || tag === '*' || isOfTenant(tag, tenant)
  const seen = rows.flatMap((row) => {
    const tags = row.tags.filter((tag) => isSeen(tag) && isBroadTag(tag))
    // One row of the log can hold writes of several tenants.
    const cause = row.causes.find(({ tags: of = row.tags }) => of.some((tag) => tags.includes(tag)))?.cause
    return tags.length === 0 || cause === undefined ? [] : [{ at: row.at, cause, tags }]
  })
  return [...Map.groupBy(seen, ({ at, cause }) => `${Math.floor(at / MINUTE_MS)} ${cause}`).values()].flatMap((group) => {
    const [first] = group.toSorted((a, b) => a.at - b.at)
    if (!first) return []
    const tags = [...new Set(group.flatMap((one) => one.tags))]
    const kind = tags.includes('*') ? ('reset' as const) : ('bulk invalidation' as const)
    const what = tags.includes('*') ? 'everything' : tags.join(', ')
    return [{ at: first.at, kind, text: sentence(`${first.cause} invalidated ${what}`), by: first.cause }]
  })
}

function sentence(text: string): string {
  return `${text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text}.`
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

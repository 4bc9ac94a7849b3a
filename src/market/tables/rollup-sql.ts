/**
 * A rollup and the base table from which it is computed. Each row of the base table adds the values of `sums` to one row of the target
 * table. `key` determines which row that is.
 */
export interface Feed {
  readonly base: string
  readonly target: string
  readonly key: Readonly<Record<string, string>>
  readonly sums: Readonly<Record<string, string>>
  /** Condition on the rows of the base table that count. Default: all rows count. */
  readonly where?: string
  /** SQL that joins several rows to each row of the base table, so that it counts in several rows of the target table. */
  readonly spread?: string
  /** Condition on the rows of the base table whose deletion is subtracted. Default: all deletions are. */
  readonly subtracted?: string
  /** Condition on the rows of the target table that a recomputation leaves as they are, because rows that count in them may be deleted. */
  readonly settled?: string
}

const events = ['insert', 'update', 'delete', 'truncate']
/** SQL that keeps rollups correct within the writer's own transaction, and SQL that recomputes them on demand. */
export interface Rollups {
  /** Creates or replaces the functions. */
  readonly functions: readonly string[]
  /** Creates the triggers. */
  readonly triggers: readonly string[]
  /** Enables the triggers. @param when `always`: they also fire in sessions with session_replication_role = replica. */
  enable(when: 'always' | ''): readonly string[]
  /** Drops the triggers with their functions. */
  readonly drop: readonly string[]
}

/**
 * Returns the SQL for feeds.
 * @param feeds Every writer applies the feeds of one base table in this order, so that two writers cannot deadlock.
 * @param earlier Feeds of an earlier migration, whose triggers exist already.
 */
export function rollupsOf(feeds: readonly Feed[], earlier: readonly Feed[] = []): Rollups {
  const bases = [...new Set(feeds.map((feed) => feed.base))]
  const added = bases.filter((base) => !earlier.some((feed) => feed.base === base))
  return {
    functions: [...bases.map((base) => triggerFunction(base, feeds)), refreshFunction(feeds)],
    triggers: added.flatMap(triggers),
    enable: (when) => added.flatMap((base) => events.map((event) => `alter table ${base} enable ${when} trigger rollup_${event}`)),
    drop: added.flatMap((base) => [...events.map((event) => `drop trigger rollup_${event} on ${base}`), `drop function rollup_${base}()`]),
  }
}

function triggers(base: string): string[] {
  const after = (event: string, transition: string) =>
    `create trigger rollup_${event} after ${event} on ${base} ${transition} for each statement execute function rollup_${base}()`
  return [
    after('insert', 'referencing new table as new_rows'),
    after('update', 'referencing old table as old_rows new table as new_rows'),
    after('delete', 'referencing old table as old_rows'),
    after('truncate', ''),
  ]
}

export function triggerFunction(base: string, feeds: readonly Feed[]): string {
  const own = feeds.filter((feed) => feed.base === base)
  const added = 'select 1 as sign, * from new_rows'
  const removed = 'select -1 as sign, * from old_rows'
  const all = (statement: (feed: Feed) => string) => own.map((feed) => `${statement(feed)};`).join('\n')
  return `create or replace function rollup_${base}() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    as $$
    begin
      case tg_op
        when 'INSERT' then ${all((feed) => addDeltas(feed, added))}
        when 'UPDATE' then ${all((feed) => addDeltas(feed, `${added} union all ${removed}`))}
        when 'DELETE' then ${all((feed) => addDeltas(feed, feed.subtracted === undefined ? removed : `${removed} where ${feed.subtracted}`))}
        else ${all(clear)}
      end case;
      return null;
    end
    $$`
}

/**
 * Returns SQL that adds changes to the rows of a rollup, in the order of their keys. When a campaign is deleted, the cascade may delete the
 * rollup row before the rows of the base table. In this situation, the SQL does not create the rollup row again with negative sums.
 */
function addDeltas(feed: Feed, source: string): string {
  const { target, key, sums } = feed
  const keys = Object.keys(key)
  const names = Object.keys(sums)
  return `insert into ${target} (${[...keys, ...names].join(', ')})
    select ${[...keys, ...names].join(', ')} from (
      select ${Object.entries(key).map(as).join(', ')}, sum(sign) as row_delta,
        ${Object.entries(sums)
          .map(([name, value]) => `sum(sign * ${value})::bigint as ${name}`)
          .join(', ')}
      from (${source}) as changed ${feed.spread ?? ''} where ${feed.where ?? 'true'} group by ${keys.map((_, index) => index + 1).join(', ')}
    ) as delta
    where (${names.map((name) => `delta.${name} <> 0`).join(' or ')})
      and (row_delta > 0 or exists (select from ${target} where ${keys.map((name) => `${target}.${name} = delta.${name}`).join(' and ')}))
    order by ${keys.join(', ')}
    on conflict (${keys.join(', ')}) do update set ${addExcluded(target, names)}`
}

function clear({ target, sums }: Feed): string {
  const names = Object.keys(sums)
  return `update ${target} set ${names.map((name) => `${name} = 0`).join(', ')} where ${names.map((name) => `${name} <> 0`).join(' or ')}`
}

/**
 * Returns SQL that recomputes the rollups. It reads the stored sums and the expected sums in one snapshot and adds only the difference to
 * the stored sums. So writers that commit meanwhile need not be locked out.
 */
export function refreshFunction(feeds: readonly Feed[]): string {
  const targets = [...new Set(feeds.map((feed) => feed.target))]
  return `create or replace function refresh_rollups(tenant text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    as $$
    declare
      corrected bigint := 0;
      rows bigint;
    begin
      ${targets.map((target) => `${correct(target, feeds)}; get diagnostics rows = row_count; corrected := corrected + rows;`).join('\n')}
      return corrected;
    end
    $$`
}

function correct(target: string, feeds: readonly Feed[]): string {
  const own = feeds.filter((feed) => feed.target === target)
  const keys = Object.keys(own[0]?.key ?? {})
  const names = [...new Set(own.flatMap((feed) => Object.keys(feed.sums)))]
  const ofTenant = '(refresh_rollups.tenant is null or tenant_id = refresh_rollups.tenant)'
  const settled = own.find((feed) => feed.settled !== undefined)?.settled
  const unsettled = settled === undefined ? '' : ` where not (${settled})`
  const expected = own.map(
    ({
      base,
      key,
      sums,
      spread = '',
      where = 'true',
    }) => `select ${Object.entries(key).map(as).join(', ')}, ${names.map((name) => `${sums[name] ?? '0'} as ${name}`).join(', ')}
      from ${base} ${spread} where ${where} and ${ofTenant}`,
  )
  return `insert into ${target} (${[...keys, ...names].join(', ')})
    select ${keys.join(', ')}, ${names.map((name) => `coalesce(expected.${name}, 0) - coalesce(stored.${name}, 0)`).join(', ')}
    from (
      select ${keys.join(', ')}, ${names.map((name) => `sum(${name})::bigint as ${name}`).join(', ')}
      from (${expected.join(' union all ')}) as contribution${unsettled} group by ${keys.join(', ')}
    ) as expected
    full join (select * from ${target} where ${ofTenant}${settled === undefined ? '' : ` and not (${settled})`}) as stored using (${keys.join(', ')})
    where ${names.map((name) => `coalesce(expected.${name}, 0) <> coalesce(stored.${name}, 0)`).join(' or ')}
    order by ${keys.join(', ')}
    on conflict (${keys.join(', ')}) do update set ${addExcluded(target, names)}`
}

function as([name, value]: readonly [string, string]): string {
  return `${value} as ${name}`
}

export function addExcluded(target: string, names: readonly string[]): string {
  return names.map((name) => `${name} = ${target}.${name} + excluded.${name}`).join(', ')
}

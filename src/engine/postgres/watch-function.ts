export interface WatchParams {
  /** SET clauses of the trigger function that `cache.watch` creates. */
  readonly settings: string
  /** SQL condition that holds if the installed trigger function equals the trigger function that `cache.watch` would create now. */
  readonly unchanged: string
}

/**
 * Returns the SQL of the function `cache.watch`, which installs the invalidation triggers of a type. If `cache.watch` installs triggers, it
 * returns true. It then also appends `*` (invalidate everything) to the log, because earlier writes emitted no tags.
 */
export function watchFunction({ settings, unchanged }: WatchParams): string {
  return `create or replace function cache.watch(
      watched_type text, target_name text, tenant_column text, id_column text, dimensions text[], listed text[]
    ) returns boolean
    language plpgsql volatile set search_path = pg_catalog, pg_temp
    as $$
    declare
      target regclass := to_regclass(format('public.%I', target_name));
      trigger_function text := format('cache.%I()', 'emit_' || watched_type);
      names text[] := cache.trigger_names(watched_type);
    begin
      if watched_type !~ '^[A-Z][A-Za-z0-9]{0,39}$' then
        raise exception 'cannot watch type %: a type matches [A-Z][A-Za-z0-9]* and has at most 40 characters', watched_type
          using errcode = 'invalid_parameter_value';
      end if;
      perform pg_advisory_xact_lock(${0x7469_6465}, 3);
      perform cache.refuse_unwatchable(target_name, tenant_column, id_column, dimensions, listed);
      if exists (
        select from cache.watched as known
        where known.type = watched_type and known.table_name = target_name
          and known.tenant_column is not distinct from watch.tenant_column and known.id_column is not distinct from watch.id_column
          and known.dimensions = watch.dimensions and known.listed = watch.listed
          and known.fingerprint = cache.fingerprint(watched_type, target)
          and ${unchanged}
      ) then return false; end if;

      perform cache.unwatch(watched_type);
      execute format('create function %s returns trigger language plpgsql security definer ${settings} as %L',
        trigger_function, cache.emit_source(watched_type, tenant_column, id_column, dimensions, listed));
      execute format('revoke all on function %s from public', trigger_function);
      execute format('create trigger %I after insert on %s referencing new table as new_rows for each statement execute function %s',
        names[1], target, trigger_function);
      execute format('create trigger %I after update on %s referencing old table as old_rows new table as new_rows for each statement execute function %s',
        names[2], target, trigger_function);
      execute format('create trigger %I after delete on %s referencing old table as old_rows for each statement execute function %s',
        names[3], target, trigger_function);
      execute format('create trigger %I after truncate on %s for each statement execute function %s', names[4], target, trigger_function);
      for position in 1 .. 4 loop
        execute format('alter table %s enable always trigger %I', target, names[position]);
      end loop;
      -- Fails now, not at the first write, when two listed values could not be compared.
      if id_column is not null then
        execute format('select 1 from (select %1$s from %2$s except all select %1$s from %2$s limit 0) as probe',
          (select string_agg(quote_ident(name), ', ') from unnest(array_append(listed, id_column)) as name), target);
      end if;

      insert into cache.watched (type, table_name, tenant_column, id_column, dimensions, listed, fingerprint)
      values (watched_type, target_name, tenant_column, id_column, dimensions, listed, cache.fingerprint(watched_type, target));
      insert into cache.pending (tags) values (array['*']);
      return true;
    end
    $$`
}

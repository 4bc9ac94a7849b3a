import { emitSource } from './emit-source.ts'
import { watchFunction } from './watch-function.ts'

/**
 * SQL functions that install the invalidation triggers of a table. The triggers emit these tags, spelled as in cache/model/entity.ts:
 *
 *     row         tenant:Type:id       for the old and the new version of every row that a statement touched
 *     any change  tenant:Type~         with every statement that touched a row
 *     lists       tenant:Type[]        for every row that was inserted or deleted, or in which a listed column changed. Such a row
 *                                      also emits tenant:Type[]:column=value (or `column is null`) for each dimension, with the
 *                                      old and the new value of the column
 *     bulk        tenant:Type*         instead of the tags of rows and lists, above a thousand rows or tags
 */
export const watchFunctions = [
  `create function cache.trigger_names(watched_type text) returns text[]
    language sql immutable set search_path = pg_catalog, pg_temp
    as $$ select array_agg(format('cache_%s_%s', watched_type, event)) from unnest('{insert,update,delete,truncate}'::text[]) as event $$`,

  // Fingerprint of the installed triggers of a type. It was stored when the triggers were created, so a difference shows that the triggers
  // were changed since.
  `create function cache.fingerprint(watched_type text, target regclass) returns text
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
      select md5(concat(
        (select string_agg(pg_get_triggerdef(oid) || tgenabled::text, '|' order by tgname)
          from pg_trigger where tgrelid = target and tgname = any (cache.trigger_names(watched_type))),
        (select concat(prosrc, prosecdef, proconfig::text)
          from pg_proc where oid = to_regprocedure(format('cache.%I()', 'emit_' || watched_type)))
      ))
    $$`,

  `create function cache.unwatch(watched_type text) returns void
    language plpgsql volatile set search_path = pg_catalog, pg_temp
    as $$
    declare
      target regclass := (select to_regclass(format('public.%I', table_name)) from cache.watched where type = watched_type);
      name text;
    begin
      if target is not null then
        foreach name in array cache.trigger_names(watched_type) loop
          execute format('drop trigger if exists %I on %s', name, target);
        end loop;
      end if;
      execute format('drop function if exists cache.%I() cascade', 'emit_' || watched_type);
      delete from cache.watched where type = watched_type;
    end
    $$`,

  `create function cache.refuse_unwatchable(target_name text, tenant_column text, id_column text, dimensions text[], listed text[])
    returns void
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
    declare
      target pg_class;
      name text;
      attribute pg_attribute;
    begin
      select * into target from pg_class where oid = to_regclass(format('public.%I', target_name));
      if not found then
        raise exception 'cannot watch public.%: there is no such table', target_name using errcode = 'undefined_table';
      end if;
      if target.relkind <> 'r' or target.relispartition
        or exists (select from pg_inherits where target.oid in (inhrelid, inhparent)) then
        raise exception 'cannot watch public.%: it must be an ordinary table, not a view, a foreign, partitioned or inherited one', target_name
          using errcode = 'wrong_object_type', hint = 'Writes to a partition or to an underlying table fire none of its triggers.';
      end if;
      if target.relpersistence <> 'p' then
        raise exception 'cannot watch public.%: an unlogged table loses its rows in a crash without telling anybody', target_name
          using errcode = 'wrong_object_type';
      end if;
      foreach name in array array_remove(array[tenant_column, id_column] || dimensions || listed, null) loop
        select * into attribute from pg_attribute where attrelid = target.oid and attname = name and attnum > 0 and not attisdropped;
        if not found then
          raise exception 'cannot watch public.%: it has no column %', target_name, name using errcode = 'undefined_column';
        end if;
        if name in (tenant_column, id_column) and not attribute.attnotnull then
          raise exception 'cannot watch public.%: column % is part of every tag and must be not null', target_name, name
            using errcode = 'invalid_table_definition';
        end if;
        -- Their text must be what a reader writes for the same value, whatever the writer's DateStyle or extra_float_digits.
        if (name in (tenant_column, id_column) or name = any (dimensions))
          and attribute.atttypid <> all ('{int2,int4,int8,text,varchar,bool,uuid}'::regtype[])
          and not exists (select from pg_type where oid = attribute.atttypid and typtype = 'e') then
          raise exception 'cannot watch public.%: column % is %, and only integers, text, boolean, uuid and enumerations can be part of a tag',
            target_name, name, format_type(attribute.atttypid, attribute.atttypmod) using errcode = 'datatype_mismatch';
        end if;
      end loop;
      if not dimensions <@ listed then
        raise exception 'cannot watch public.%: every dimension must also be listed', target_name using errcode = 'invalid_parameter_value';
      end if;
    end
    $$`,

  emitSource,

  watchFunction({ settings: 'set search_path = pg_catalog, pg_temp', unchanged: 'true' }),

  // Returns the types whose changes may not reach the log, each with the reason, such as a missing or disabled trigger.
  `create function cache.broken_watches() returns table (type text, reason text)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
      select checked.type, checked.reason from (
        select watched.type, case
          when current_setting('synchronous_commit') = 'off' then 'synchronous_commit is off: a crash could take back what was cached already'
          when target is null then format('the table public.%s does not exist', table_name)
          when exists (select from pg_inherits where target in (inhrelid, inhparent)) then format('the table public.%s is inherited or a partition', table_name)
          when missing is not null then format('the trigger %s on public.%s is missing', missing, table_name)
          when disabled is not null then format('the trigger %s on public.%s is disabled', disabled, table_name)
          when fingerprint <> cache.fingerprint(watched.type, target) then format('the triggers on public.%s were altered', table_name)
        end as reason
        from cache.watched
        cross join lateral to_regclass(format('public.%I', table_name)) as target
        cross join lateral (
          select min(name) filter (where tgname is null) as missing, min(name) filter (where tgenabled <> 'A') as disabled
          from unnest(cache.trigger_names(watched.type)) as name
          left join pg_trigger on tgrelid = target and tgname = name
        ) as triggers
      ) as checked
      where checked.reason is not null
    $$`,
]

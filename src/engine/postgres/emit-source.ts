/**
 * SQL function that generates the body of the trigger function of a type. This is the version before migration 0009-cheap-writes. The
 * variables of the body begin with an underscore; a name that is both a column and a variable means the column.
 */
export const emitSource = `create or replace function cache.emit_source(watched_type text, tenant_column text, id_column text, dimensions text[], listed text[]) returns text
    language plpgsql immutable set search_path = pg_catalog, pg_temp
    as $source$
    declare
      tenant text := case when tenant_column is null then '''public''' else format('%I::text', tenant_column) end;
      row_tags text := format('(%s || %L)', tenant, ':' || watched_type || '~');
      bulk_tags text := format('(%s || %L), ', tenant, ':' || watched_type || '*') || row_tags;
      list_tags text := format('(%s || %L)', tenant, ':' || watched_type || '[]');
      compared text;
      moved text;
      dimension text;
    begin
      if id_column is not null then
        row_tags := row_tags || format(', (%s || %L || %I::text)', tenant, ':' || watched_type || ':', id_column);
      end if;
      foreach dimension in array dimensions loop
        list_tags := list_tags || format(', (%s || %L || coalesce(%L || %I::text, %L))', tenant, ':' || watched_type || '[]:',
          dimension || '=', dimension, dimension || ' is null');
      end loop;
      if id_column is null then
        -- Such a list holds whole rows: it changes with every column.
        moved := 'select * from old_rows union all select * from new_rows';
      else
        compared := (
          select string_agg(distinct quote_ident(name), ', ')
          from unnest(array_remove(array[tenant_column, id_column] || listed, null)) as name
        );
        moved := format('(select %1$s from old_rows except all select %1$s from new_rows)'
          ' union all (select %1$s from new_rows except all select %1$s from old_rows)', compared);
      end if;
      return replace(replace(replace(replace($body$
#variable_conflict use_column
declare
  _count bigint;
  _tags text[];
begin
  case tg_op
    when 'INSERT' then
      select count(*) into _count from new_rows;
      if _count = 0 then return null; end if;
      if _count <= 1000 then
        select array_agg(distinct emitted.tag) into _tags from new_rows cross join lateral (values <row tags>, <list tags>) as emitted (tag);
      end if;
      if _count > 1000 or cardinality(_tags) > 1000 then
        select array_agg(distinct emitted.tag) into _tags from new_rows cross join lateral (values <bulk tags>) as emitted (tag);
      end if;
    when 'DELETE' then
      select count(*) into _count from old_rows;
      if _count = 0 then return null; end if;
      if _count <= 1000 then
        select array_agg(distinct emitted.tag) into _tags from old_rows cross join lateral (values <row tags>, <list tags>) as emitted (tag);
      end if;
      if _count > 1000 or cardinality(_tags) > 1000 then
        select array_agg(distinct emitted.tag) into _tags from old_rows cross join lateral (values <bulk tags>) as emitted (tag);
      end if;
    when 'UPDATE' then
      select count(*) into _count from new_rows;
      if _count = 0 then return null; end if;
      if _count <= 1000 then
        select array_agg(distinct every.tag) into _tags from (
          select emitted.tag from old_rows cross join lateral (values <row tags>) as emitted (tag)
          union all
          select emitted.tag from new_rows cross join lateral (values <row tags>) as emitted (tag)
          union all
          select emitted.tag from (<moved>) as moved cross join lateral (values <list tags>) as emitted (tag)
        ) as every;
      end if;
      if _count > 1000 or cardinality(_tags) > 1000 then
        select array_agg(distinct every.tag) into _tags from (
          select emitted.tag from old_rows cross join lateral (values <bulk tags>) as emitted (tag)
          union all
          select emitted.tag from new_rows cross join lateral (values <bulk tags>) as emitted (tag)
        ) as every;
      end if;
    else
      _tags := array['*'];
  end case;
  insert into cache.pending (tags) values (_tags);
  return null;
end
$body$, '<row tags>', row_tags), '<list tags>', list_tags), '<bulk tags>', bulk_tags), '<moved>', moved);
    end
    $source$`

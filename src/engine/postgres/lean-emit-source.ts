/**
 * SQL function that generates the body of the trigger function of a type. The body emits the same tags as the body that emit-source.ts
 * generates. The code in emit-source.ts is easier to read, but this body has a fast path for statements that touch at most one row.
 * Starting a query takes longer than running the query, and preparing an expression takes longer than evaluating the expression. So the
 * fast path has few queries and few expressions.
 *
 * The trigger function runs with its owner's rights. It does not set a search_path, which saves 13,000 instructions per call. So all types,
 * functions and operators in its body are schema-qualified. DISTINCT and EXCEPT use the operators of the type's default operator class,
 * whatever the search_path is.
 */
export const leanEmitSource = `create or replace function cache.emit_source(
    watched_type text, tenant_column text, id_column text, dimensions text[], listed text[]
  ) returns text
  language plpgsql immutable set search_path = pg_catalog, pg_temp
  as $source$
  declare
    keys text[] := array_remove(array[tenant_column, id_column] || dimensions, null);
    compared text[] := array(select distinct name from unnest(array_remove(array[tenant_column, id_column] || listed, null)) as name order by name);
    columns text := (select string_agg(quote_ident(name), ', ') from unnest(compared) as name);
    moved text := format('(select %1$s from old_rows except all select %1$s from new_rows)'
      ' union all (select %1$s from new_rows except all select %1$s from old_rows)', columns);
    same_listed text := cache.same_image(compared);
    body text := $body$
#variable_conflict use_column
declare
  _count bigint;
  _tags pg_catalog.text[];
  _old pg_catalog.record;
  _new pg_catalog.record;
begin
  if tg_op operator(pg_catalog.=) 'UPDATE' then
    select * into _new from new_rows;
    if not found then return null; end if;
    perform from new_rows offset 1;
    if not found then
      select * into _old from old_rows;
      if <same listed> then
        insert into cache.pending (tags) values (array[<_new row tags>]);
      elsif <same keys> then
        insert into cache.pending (tags) values (array[<_new row tags>, <_new list tags>]);
      else
        insert into cache.pending (tags) values (array[<_new row tags>, <_new list tags>, <_old row tags>, <_old list tags>]);
      end if;
      return null;
    end if;
    select pg_catalog.count(*) into _count from new_rows;
    if _count operator(pg_catalog.<=) 1000 then
      select pg_catalog.array_agg(distinct every.tag) into _tags from (
        select emitted.tag from old_rows as _old cross join lateral (values <_old row tags as rows>) as emitted (tag)
        union all
        select emitted.tag from new_rows as _new cross join lateral (values <_new row tags as rows>) as emitted (tag)
        union all
        select emitted.tag from (<moved>) as _new cross join lateral (values <_new list tags as rows>) as emitted (tag)
      ) as every;
    end if;
    if _count operator(pg_catalog.>) 1000 or pg_catalog.cardinality(_tags) operator(pg_catalog.>) 1000 then
      select pg_catalog.array_agg(distinct every.tag) into _tags from (
        select emitted.tag from old_rows as _old cross join lateral (values <_old bulk tags as rows>) as emitted (tag)
        union all
        select emitted.tag from new_rows as _new cross join lateral (values <_new bulk tags as rows>) as emitted (tag)
      ) as every;
    end if;
  elsif tg_op operator(pg_catalog.=) 'INSERT' then
<one kind of rows: new>
  elsif tg_op operator(pg_catalog.=) 'DELETE' then
<one kind of rows: old>
  else
    _tags := '{*}';
  end if;
  insert into cache.pending (tags) values (_tags);
  return null;
end
$body$;
    one_kind text := $body$
    select * into _new from new_rows;
    if not found then return null; end if;
    perform from new_rows offset 1;
    if not found then
      insert into cache.pending (tags) values (array[<_new row tags>, <_new list tags>]);
      return null;
    end if;
    select pg_catalog.count(*) into _count from new_rows;
    if _count operator(pg_catalog.<=) 1000 then
      select pg_catalog.array_agg(distinct emitted.tag) into _tags
      from new_rows as _new cross join lateral (values <_new row tags as rows>, <_new list tags as rows>) as emitted (tag);
    end if;
    if _count operator(pg_catalog.>) 1000 or pg_catalog.cardinality(_tags) operator(pg_catalog.>) 1000 then
      select pg_catalog.array_agg(distinct emitted.tag) into _tags
      from new_rows as _new cross join lateral (values <_new bulk tags as rows>) as emitted (tag);
    end if;
$body$;
    side text;
    kind text;
    tags text[];
  begin
    if id_column is null then
      -- Such a list holds whole rows: it changes with every column, and with a statement that changes none.
      moved := 'select * from old_rows union all select * from new_rows';
      same_listed := 'false';
    end if;
    body := replace(body, '<one kind of rows: new>', one_kind);
    body := replace(body, '<one kind of rows: old>', replace(replace(one_kind, '_new', '_old'), 'new_rows', 'old_rows'));
    body := replace(replace(replace(body, '<same listed>', same_listed), '<same keys>', cache.same_image(keys)), '<moved>', moved);
    foreach side in array array['_old', '_new'] loop
      foreach kind in array array['row', 'list', 'bulk'] loop
        tags := cache.tag_expressions(kind, side, watched_type, tenant_column, id_column, dimensions);
        body := replace(body, format('<%s %s tags>', side, kind), array_to_string(tags, ', '));
        body := replace(body, format('<%s %s tags as rows>', side, kind), '(' || array_to_string(tags, '), (') || ')');
      end loop;
    end loop;
    return body;
  end
  $source$`

/** SQL functions that {@link leanEmitSource} calls. */
export const emitParts = [
  // Compares the columns of _old and _new byte for byte, without the operators of the columns' types. Two values that these operators call
  // equal may differ in their bytes: then too many tags are emitted, but no tag is missed.
  `create function cache.same_image(columns text[]) returns text
    language sql immutable set search_path = pg_catalog, pg_temp
    as $$
      select format('row(%s)::pg_catalog.record operator(pg_catalog.*=) row(%s)::pg_catalog.record',
        string_agg(format('_old.%I', name), ', '), string_agg(format('_new.%I', name), ', '))
      from unnest(columns) as name
    $$`,
  `create function cache.tag_expressions(
      kind text, side text, watched_type text, tenant_column text, id_column text, dimensions text[]
    ) returns text[]
    language plpgsql immutable set search_path = pg_catalog, pg_temp
    as $$
    declare
      prefix text := ':' || watched_type;
      tenant text := case when tenant_column is null then '''public''::pg_catalog.text' else format('%s.%I::pg_catalog.text', side, tenant_column) end;
      of_tenant text := tenant || ' operator(pg_catalog.||) %L';
      of_column text := '%L operator(pg_catalog.||) %s.%I::pg_catalog.text';
      any_change text := format(of_tenant, prefix || '~');
      tags text[];
      dimension text;
    begin
      case kind
        when 'bulk' then
          return array[format(of_tenant, prefix || '*'), any_change];
        when 'row' then
          tags := array[any_change];
          if id_column is not null then
            tags := tags || (tenant || ' operator(pg_catalog.||) ' || format(of_column, prefix || ':', side, id_column));
          end if;
        when 'list' then
          tags := array[format(of_tenant, prefix || '[]')];
          foreach dimension in array dimensions loop
            tags := tags || format('%s operator(pg_catalog.||) coalesce(%s, %L)', tenant,
              format(of_column, prefix || '[]:' || dimension || '=', side, dimension), prefix || '[]:' || dimension || ' is null');
          end loop;
      end case;
      return tags;
    end
    $$`,
]

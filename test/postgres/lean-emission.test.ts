import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emitSource } from '#src/engine/postgres/emit-source.ts'
import { leanEmitSource } from '#src/engine/postgres/lean-emit-source.ts'
import fc from '../property.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const RUNS = 40
const COLUMNS = 'id bigint not null, tenant_id text not null, shelf bigint, kind text, rank int, note text'

/** Declarations of the watched tables: rows of a tenant, rows without a tenant, and rows without an id. */
const DECLARATIONS = [
  ['Row', 'tenant_id', 'id'],
  ['PublicRow', null, 'id'],
  ['Whole', 'tenant_id', null],
] as const

const id = fc.integer({ min: 1, max: 6 })
const tenant = fc.constantFrom('acme', 'other')
const row = fc.record({
  id,
  tenant,
  shelf: fc.option(fc.integer({ min: 1, max: 2 })),
  kind: fc.option(fc.constantFrom('a', "b'c")),
  rank: fc.option(fc.integer({ min: 0, max: 1 })),
})
interface Row {
  readonly id: number
  readonly tenant: string
  readonly shelf: number | null
  readonly kind: string | null
  readonly rank: number | null
}

const text = (value: string | number | null) => (value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`)
const tuple = ({ id, tenant, shelf, kind, rank }: Row) =>
  `(${id}, ${text(tenant)}, ${text(shelf)}::bigint, ${text(kind)}, ${text(rank)}::int, 'n')`
const where = fc.oneof(
  id.map((value) => `id = ${value}`),
  id.map((value) => `id <= ${value}`),
  fc.constant('true'),
)
const change = fc.oneof(
  fc.constant("note = note || '.'"),
  fc.constant('id = id + 1'),
  fc.constant('rank = rank'),
  tenant.map((value) => `tenant_id = ${text(value)}`),
  fc.option(fc.integer({ min: 1, max: 2 })).map((value) => `shelf = ${text(value)}`),
  fc.option(fc.constantFrom('a', "b'c")).map((value) => `kind = ${text(value)}`),
  fc.option(fc.integer({ min: 0, max: 1 })).map((value) => `rank = ${text(value)}`),
)
/** Random statements. The test executes each statement on both tables: it replaces the word `twin` by the name of the table. */
const statement = fc.oneof(
  fc.array(row, { minLength: 1, maxLength: 3 }).map((rows) => `insert into twin values ${rows.map(tuple).join(', ')}`),
  fc
    .tuple(fc.uniqueArray(change, { minLength: 1, maxLength: 3, selector: (text) => text.split(' ')[0] }), where)
    .map(([changes, condition]) => `update twin set ${changes.join(', ')} where ${condition}`),
  where.map((condition) => `delete from twin where ${condition}`),
)

describe('the fast trigger path that emits tags for a change of a single row', () => {
  let test: TestDatabase

  beforeAll(async () => {
    test = await createDatabase()
    await test.query('set synchronous_commit = off')
    await watch('general', emitSource)
  })
  afterAll(async () => test?.drop())

  /** The trigger functions of both tables use the same type names, so that their tags can be compared. */
  const watch = async (twin: string, source: string) => {
    await test.query(source)
    await test.query(`drop table if exists ${twin}`)
    await test.query(`create table ${twin} (${COLUMNS})`)
    for (const [type, tenantColumn, idColumn] of DECLARATIONS) {
      await test.query(`drop function if exists cache."emit_${type}_${twin}"()`)
      await test.query(`select cache.watch($1, $2, $3, $4, '{shelf,kind}', '{shelf,kind,rank}')`, [type, twin, tenantColumn, idColumn])
      // The second table is watched under the same type name. The renamed trigger functions of the first table stay
      // active.
      await test.query(`alter function cache."emit_${type}"() rename to "emit_${type}_${twin}"`)
      await test.query('delete from cache.watched where type = $1', [type])
    }
  }
  const emitted = async (written: string): Promise<readonly string[]> => {
    await test.query('delete from cache.pending')
    await test.query(written)
    const rows = await test.query('select distinct unnest(tags) as tag from cache.pending order by 1')
    return rows.map(({ tag }) => String(tag))
  }
  /** Executes random statements on both tables. @throws with the statements for which the two tables emit different tags. */
  const compare = ({ endOnFailure = false } = {}) =>
    fc.assert(
      fc.asyncProperty(fc.array(statement, { minLength: 4, maxLength: 12 }), async (statements) => {
        await test.query('delete from general')
        await test.query('delete from lean')
        for (const each of statements) {
          const expected = await emitted(each.replace('twin', 'general'))
          expect(await emitted(each.replace('twin', 'lean')), each).toEqual(expected)
        }
      }),
      { numRuns: RUNS, endOnFailure },
    )

  it('emits the same tags as the general path, which compares sets of rows, for any statement', async () => {
    await watch('lean', leanEmitSource)
    await compare()
  })

  it.each([
    ['it emits no tags of the lists that a row has left', ', <_old row tags>, <_old list tags>', ''],
    ['it ignores a change of a listed column', '<same listed>', 'true'],
    ['it ignores a change of a key column', '<same keys>', 'true'],
    [
      'it treats a change of several rows like a change of a single row',
      'perform from new_rows offset 1',
      'perform from new_rows offset 1000',
    ],
  ])('would fail the comparison with the general path if %s', async (_, part, broken) => {
    const start = leanEmitSource.indexOf(part)
    expect(start).toBeGreaterThan(0)
    await watch('lean', leanEmitSource.replace(part, broken))
    await expect(compare({ endOnFailure: true })).rejects.toThrow()
  })
})

describe('a trigger of the invalidation log', () => {
  it.each([
    ['ignores operators and types that a writer puts on the search path before those of PostgreSQL', leanEmitSource, false],
    [
      "would use a writer's operator if the function named an operator without its schema",
      leanEmitSource.replace('tg_op operator(pg_catalog.=)', 'tg_op ='),
      true,
    ],
    [
      "would use a writer's type if the function named a type without its schema",
      leanEmitSource.replace('pg_catalog.record', 'record'),
      true,
    ],
  ])('%s', async (_, source, isBroken) => {
    const test = await createDatabase()
    const role = `tidegate_hostile_${process.pid}`
    try {
      await test.query(source)
      await test.query('create table things (id bigint primary key, tenant_id text not null, kind text)')
      await test.query(`select cache.watch('Thing', 'things', 'tenant_id', 'id', '{kind}', '{kind}')`)
      await becomeHostile(test, role)
      const written = (async () => {
        for (const statement of HOSTILE_WRITES) await test.query(statement)
      })()
      if (isBroken) await expect(written).rejects.toThrow(/ran as|hostile|record/)
      else await written
    } finally {
      await test.query('reset role; reset search_path')
      await test.query(`drop owned by ${role}; drop role ${role}`)
      await test.drop()
    }
  })
})

const HOSTILE_WRITES = [
  "insert into public.things values (1, 'acme', 'a')",
  "insert into public.things values (2, 'acme', 'a'), (3, 'acme', null)",
  "update public.things set kind = 'b'",
  'update public.things set kind = null where id operator(pg_catalog.=) 1',
  'update public.things set id = id where id operator(pg_catalog.=) 1',
  'delete from public.things where id operator(pg_catalog.=) 1',
  'delete from public.things',
]

/**
 * Continues as a role that may write to the table, and whose own functions, operators and types come first on the
 * search path.
 */
async function becomeHostile(test: TestDatabase, role: string): Promise<void> {
  await test.query(`create role ${role}`)
  await test.query(`create schema hostile authorization ${role}`)
  await test.query(`grant select, insert, update, delete on things to ${role}`)
  await test.query(`set role ${role}`)
  const stop = "language plpgsql as $$ begin raise exception 'ran as %', current_user; end $$"
  for (const [operator, type, result] of [
    ['||', 'text', 'text'],
    ['=', 'text', 'boolean'],
    ['>', 'bigint', 'boolean'],
    ['<=', 'bigint', 'boolean'],
    ['*=', 'record', 'boolean'],
  ] as const) {
    const name = `hostile.f${operator.charCodeAt(0)}_${type}`
    await test.query(`create function ${name}(a ${type}, b ${type}) returns ${result} ${stop}`)
    await test.query(`create operator hostile.${operator} (leftarg = ${type}, rightarg = ${type}, function = ${name})`)
  }
  for (const signature of ['count()', 'cardinality(text[])', 'array_agg(text)', 'text(bigint)'])
    await test.query(`create function hostile.${signature} returns bigint ${stop}`)
  for (const type of ['text', 'record', 'int8', 'bool']) await test.query(`create domain hostile.${type} as varchar check (false)`)
  await test.query('set search_path = hostile, pg_catalog, public')
}

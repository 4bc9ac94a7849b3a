import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { accessesOf, faultsOf, type PlanNode, parseNotice } from './plan.ts'

const ROWS = 1500
const LIMITS = { sizes: new Map([['growing', ROWS]]), minScannedRows: 1000, maxRows: 500 }

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.query('create table growing (id int primary key, key int, other int)')
  await database.query('create table fixed (id int)')
  await database.query(`insert into growing select n, n % 100, n % 7 from generate_series(1, ${ROWS}) n`)
  await database.query('insert into fixed select * from generate_series(1, 2000)')
  await database.query('create index growing_by_key on growing (key, id)')
  await database.query('analyze growing, fixed')
})

afterAll(() => database?.drop())

async function planOf(statement: string): Promise<PlanNode> {
  const [row] = await database.query(`explain (analyze, timing off, format json) ${statement}`)
  return (row?.['QUERY PLAN'] as { readonly Plan: PlanNode }[])[0]?.Plan as PlanNode
}

describe('the check of a query plan', () => {
  it.each([
    ['a condition without an index', 'select id from growing where other = 3 limit 5', ['scans all of growing (1500 rows)']],
    ['a condition with an index', 'select id from growing where key = 3 order by id limit 5', []],
    [
      'a scan within a subquery',
      'select (select count(*) from growing g where g.other = f.id) from (select 3 as id) f',
      ['scans all of growing (1500 rows)'],
    ],
    ['a table that does not grow', 'select count(*) from fixed', []],
    [
      'a sort of the whole',
      'select id from growing where key >= 0 order by other',
      ['sorts 1500 rows', 'scans all of growing (1500 rows)'],
    ],
  ])('reports every fault of %s', async (_, statement, faults) => {
    expect(faultsOf(await planOf(statement), LIMITS)).toEqual(faults)
  })

  it('reports an index that is read from end to end, and a scan of a table that has no suitable index', async () => {
    await database.query('set enable_seqscan = off')
    const [fault] = faultsOf(await planOf('select count(*) from growing where key >= 0'), LIMITS)
    expect(fault).toMatch(/^reads 1500 rows of growing by /)
    expect(faultsOf(await planOf('select id from growing where other = 3'), { ...LIMITS, minScannedRows: 0 })).toEqual([
      'scans all of growing (1500 rows)',
    ])
    await database.query('set enable_seqscan = on')
  })

  it('lists each table with the kind of scan that reads the table', async () => {
    expect(accessesOf(await planOf('select id from growing where id = 3'))).toEqual(['growing by Index Only Scan'])
  })

  it('reads plans from the notices of auto_explain, and ignores other notices', () => {
    const notice = 'duration: 0.012 ms  plan:\n{ "Query Text": "select\\n  1", "Plan": { "Node Type": "Result" } }'
    expect(parseNotice(notice)).toEqual({ text: 'select 1', plan: { 'Node Type': 'Result' } })
    expect(parseNotice('relation "x" already exists, skipping')).toBeUndefined()
  })
})

import { type Kysely, sql } from 'kysely'
import { topLevelDomains } from '../rules/naming/top-level-domains.ts'
import type { Database } from '../tables/tables.ts'

/** Updates the table of top-level domains to the list that the program contains. Rows that are already correct are not written. */
export async function updateTopLevelDomains(db: Kysely<Database>): Promise<void> {
  const all = [...topLevelDomains.values()]
  await sql`
    insert into tlds (name, unicode_name, kind)
    select * from unnest(${all.map(({ name }) => name)}::text[], ${all.map(({ unicodeName }) => unicodeName)}::text[], ${all.map(({ kind }) => kind)}::text[])
    on conflict (name) do nothing`.execute(db)
  await sql`delete from tlds where name <> all (${all.map(({ name }) => name)}::text[])`.execute(db)
}

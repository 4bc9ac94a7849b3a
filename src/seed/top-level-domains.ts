import { type Kysely, sql } from 'kysely'
import { topLevelDomains } from '../generator/top-level-domains.ts'
import type { Database } from '../postgres/tables.ts'

/** Brings the table of top-level domains up to the package's list. Touches no row that is right. */
export async function updateTopLevelDomains(db: Kysely<Database>): Promise<void> {
  const all = [...topLevelDomains.values()]
  await sql`
    insert into tlds (name, unicode_name, kind)
    select * from unnest(${all.map(({ name }) => name)}::text[], ${all.map(({ unicodeName }) => unicodeName)}::text[], ${all.map(({ kind }) => kind)}::text[])
    on conflict (name) do nothing`.execute(db)
  await sql`delete from tlds where name <> all (${all.map(({ name }) => name)}::text[])`.execute(db)
}

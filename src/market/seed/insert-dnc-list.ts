import { type Kysely, sql } from 'kysely'
import { callerHashes, numberHash } from '../rules/caller.ts'
import type { Database } from '../tables/tables.ts'

/** Do-not-call list that the rules of the sample data name. */
export const SAMPLE_LIST = 'sample'

/** Callers on the list. Nobody has these numbers: they are reserved for examples. */
const sampleCallers = Array.from({ length: 10 }, (_, digit) => `+1212555019${digit}`)

/** Inserts the list, unless there is one. It has no callers yet, so it refuses no calls. */
export async function insertDncList(db: Kysely<Database>, importedAt: string): Promise<void> {
  await sql`insert into dnc_lists (name, version, imported_at) values (${SAMPLE_LIST}, 1, ${importedAt}::timestamptz)
    on conflict do nothing`.execute(db)
}

/** Inserts the callers of the list. @param hashKey Key under which the gateway hashes callers (CALLER_HASH_KEY). */
export async function insertDncCallers(db: Kysely<Database>, hashKey: string): Promise<void> {
  const hashes = callerHashes(Buffer.from(hashKey))
  const callers = sampleCallers.flatMap((number) => numberHash(number) ?? []).map((sha256) => hashes.ofDnc(sha256).toString('hex'))
  await sql`with inserted as (
      insert into dnc_entries (list, version, caller)
      select name, version, decode(caller, 'hex') from dnc_lists, unnest(${callers}::text[]) as caller where name = ${SAMPLE_LIST}
      on conflict do nothing returning 1
    )
    update dnc_lists set entries = entries + (select count(*) from inserted) where name = ${SAMPLE_LIST}`.execute(db)
}

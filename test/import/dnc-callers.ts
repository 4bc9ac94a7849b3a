import { createHash } from 'node:crypto'
import { callerHashes } from '#src/market/rules/caller.ts'

export const DNC_KEY = 'a key of do-not-call lists for tests only'
export const dncHashes = callerHashes(Buffer.from(DNC_KEY))

/** Returns the SHA-256 of a made caller. Callers of different groups differ. */
export function madeCaller(group: string, index: number): string {
  return createHash('sha256').update(`${group} ${index}`).digest('hex')
}

/** Statement that says for a caller of the old version and one of the new version whether each is on the list. */
const PAIR = `select
  exists (select from dnc_lists join dnc_entries on list = name and dnc_entries.version = dnc_lists.version where name = $1 and caller = $2) as old,
  exists (select from dnc_lists join dnc_entries on list = name and dnc_entries.version = dnc_lists.version where name = $1 and caller = $3) as new`

type Query = (statement: string, parameters: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

/**
 * Asks for one caller of each version again and again until `done` settles. Returns how often only the old one, only the new one, and both or
 * none were on the list.
 */
export async function watchSwitch(query: Query, list: string, count: number, done: Promise<unknown>) {
  const seen = { old: 0, new: 0, mixed: 0 }
  let isDone = false
  const end = () => {
    isDone = true
  }
  done.then(end, end)
  for (let index = 0; !isDone; index = (index + 7919) % count) {
    const bytes = ['old', 'new'].map((group) => dncHashes.ofDnc(madeCaller(group, index)))
    const [row] = await query(PAIR, [list, ...bytes])
    seen[row?.['old'] === row?.['new'] ? 'mixed' : row?.['old'] ? 'old' : 'new']++
  }
  return seen
}

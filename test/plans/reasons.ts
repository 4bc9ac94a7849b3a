/** Statements that may read many rows of one tenant by an index, but never scan a table, and why. */
export const REASONS: readonly { readonly statement: RegExp; readonly why: string }[] = [
  {
    statement: /^select \(select count\(\*\) from "|^select counts\.count, /,
    why: 'a count reads the index entry of each row that it counts',
  },
  {
    statement: / from "campaign_hours" where "tenant_id" = /,
    why: 'a range reads its hours, one row for each campaign with calls in that hour',
  },
  { statement: /^select asked\.place, kind, sum/, why: 'a range reads its hours, one row for each campaign and kind of event' },
  { statement: /select id, "popularity_rank" as key, .* and status = any/, why: 'domains without a rank come behind all that have one' },
]

import { sql } from 'kysely'
import { toASCII } from 'tr46'
import { type TopLevelDomain, topLevelDomains } from '../../rules/naming/top-level-domains.ts'
import type { FormatRun, ImportFormat, Written } from '../import-format.ts'
import type { ImportMarket } from '../import-market.ts'
import { LeftOut } from '../problem.ts'
import type { Row } from '../row.ts'

/** Format of a JSON file with an array of the names of top-level domains. */
export const tldNames: ImportFormat<TopLevelDomain> = {
  name: 'top-level domains',
  files: /^tlds\.json$/,
  rows: 'json',
  begin: async (market) => runOn(market, 'value'),
}

/**
 * Format of a CSV file with the names, registries and kinds of top-level domains. The registries are ignored, because the market does not
 * store them.
 */
export const tldRegistries: ImportFormat<TopLevelDomain> = {
  name: 'top-level domains and registries',
  files: /^tld-registries\.csv$/,
  rows: { delimiter: ',', columns: ['tld', 'registry', 'type'], hasHeader: false },
  begin: async (market) => runOn(market, 'tld'),
}

/** Invisible characters that set the direction of writing. They are not part of a name. */
const DIRECTION_MARKS = /[\u200e\u200f]/g
const LABEL = /^(?!-)[^\s.]{1,63}$/u

function runOn(market: ImportMarket, column: string): FormatRun<TopLevelDomain> {
  return {
    *map(row) {
      yield tldIn(row, column)
    },
    write: (tlds) => writeTlds(market, tlds),
  }
}

function tldIn(row: Row, column: string): TopLevelDomain {
  const given = row.text(column).replace(DIRECTION_MARKS, '')
  const name = LABEL.test(given) ? toASCII(given) : null
  if (name === null) throw row.problem('NOT_A_DOMAIN', column, 'a top-level domain without a dot', 'Correct the name, or delete the row.')
  const known = topLevelDomains.get(name)
  if (known === undefined)
    throw new LeftOut("IANA's list in this release does not contain the top-level domain (retired, for tests, or newer)")
  return known
}

async function writeTlds({ db }: ImportMarket, tlds: readonly TopLevelDomain[]): Promise<Written> {
  const { rows } = await sql<{ name: string }>`
    insert into tlds (name, unicode_name, kind)
    select name, "unicodeName", kind from json_to_recordset(${JSON.stringify(tlds)}::json) as rows (name text, "unicodeName" text, kind text)
    on conflict do nothing
    returning name`.execute(db)
  return { added: { 'top-level domains': rows.length }, updated: 0, present: tlds.length - rows.length }
}

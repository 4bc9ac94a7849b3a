import { GatewayError } from '../../../errors.ts'
import { normalizeDomain } from '../../rules/naming/domain-name.ts'
import type { ImportFormat } from '../import-format.ts'
import type { ImportMarket } from '../import-market.ts'
import { LeftOut } from '../problem.ts'
import type { Row } from '../row.ts'
import { beginNames, type DomainDraft, writeDomains } from '../write-domains.ts'

const MAX_RANK = 2_000_000_000

/** Format of a text file with one domain name per line. The line number is the popularity rank of the name. */
export const rankedDomains: ImportFormat<DomainDraft> = {
  name: 'ranked domain list',
  files: /top-domains\.txt$/,
  rows: { delimiter: '\t', columns: ['domain'], hasHeader: false },
  begin: (market, file) => beginList(market, file, (row) => domainIn(row, 'domain', row.line)),
}

/** Format of a text file with one domain name per line, without ranks. */
export const unrankedDomains: ImportFormat<DomainDraft> = {
  name: 'domain list without ranks',
  files: /random-domains\.txt$/,
  rows: { delimiter: '\t', columns: ['domain'], hasHeader: false },
  begin: (market, file) => beginList(market, file, (row) => domainIn(row, 'domain', null)),
}

/** Format of a JSON file of objects. Each object contains the rank and the domain name of a site. */
export const rankedSites: ImportFormat<DomainDraft> = {
  name: 'ranked sites',
  files: /^top-sites\.json$/,
  rows: 'json',
  begin: (market, file) =>
    beginList(market, file, (row) => {
      const rank = row.integer('rank', { min: 1, max: MAX_RANK })
      // The source cuts off names after about 25 characters and adds two dots.
      if (row.text('rootDomain').endsWith('..')) throw new LeftOut('the source cut off the end of the domain name')
      return domainIn(row, 'rootDomain', rank)
    }),
}

async function beginList(market: ImportMarket, file: string, read: (row: Row) => DomainDraft) {
  const campaignId = await market.campaignId(`Domains of ${file}`)
  await beginNames(market)
  return {
    *map(row: Row) {
      yield read(row)
    },
    write: (drafts: readonly DomainDraft[]) => writeDomains(market, campaignId, drafts),
  }
}

function domainIn(row: Row, column: string, popularityRank: number | null): DomainDraft {
  const given = row.text(column)
  try {
    const { name, sld, tld } = normalizeDomain(given)
    return { name, sld, tld, popularityRank }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    // The error message begins with the quoted name. The name is removed here, because the report of problems shows the value anyway.
    const reason = error.message.slice(error.message.indexOf(': ') + 2).replace(/\.$/, '')
    throw row.problem('NOT_A_DOMAIN', column, `a domain name (${reason})`, 'Correct the name, or delete the row.')
  }
}

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importFolder } from '#src/market/import/import-folder.ts'
import { createImportDatabase, files, type ImportDatabase } from '../import/import-database.ts'
import { needs } from '../servers/availability.ts'

const dataDir = process.env['DATA_DIR'] as string

/**
 * Expected numbers of rows by file, for files with rows that are skipped because the database cannot represent them,
 * and with rows that occur twice. Every other file is imported in full.
 */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'tlds/tlds.json': { rows: 1438 },
  'opendns-domains/opendns-top-domains.txt': { rows: 10_000, added: { domains: 10_000 } },
  'top-sites/top-sites.json': { rows: 500, present: 335 },
  'opendns-domains/opendns-random-domains.txt': { rows: 10_000, present: 282 },
  'prebid-openrtb/buyers.csv': { rows: 385, added: { buyers: 385 } },
  'prebid-openrtb/bids.csv': { rows: 1511, added: { calls: 1319, bids: 1336 }, present: 1 },
  'nab-hourly/realAdExchange/exchange-2_cpc_results.csv': { rows: 1624, added: { calls: 1624, bids: 1624 } },
  'nab-hourly/realAdExchange/exchange-2_cpm_results.csv': { rows: 1624, added: { calls: 1624, bids: 0 } },
}

describe('The complete data sets', needs('DATA_DIR'), () => {
  let database: ImportDatabase

  beforeAll(async () => {
    database = await createImportDatabase()
  })

  afterAll(async () => {
    await database?.drop()
  })

  it('are imported without a problem, file by file, and the number of rows agrees with the totals in the files.', {
    timeout: 300_000,
  }, async () => {
    for (const file of files) {
      const result = await database.takeWhole(join(dataDir, file), 'whole')
      expect([file, result]).toMatchObject([file, EXPECTED[file] ?? {}])
    }
    const volumes = (await database.rows(`select buyers.name, count(*)::int as calls from bids join buyers on buyers.id = buyer_id
      join campaigns on campaigns.id = campaign_id where campaigns.tenant_id = 'whole' and campaigns.name like 'Volume of %'
      group by 1 order by 2 desc limit 2`)) as unknown[]
    // The files contain 1,360,453 and 843,768 mentions.
    expect(volumes).toEqual([
      { name: 'AAPL', calls: 13_604 },
      { name: 'AMZN', calls: 8_437 },
    ])
    const regions =
      await database.rows(`select count(distinct campaign_id)::int as regions, min(sum)::int as least, max(sum)::int as greatest
      from (select campaign_id, sum(count) from event_hours where tenant_id = 'whole' and kind = 'IMPRESSION' group by 1) as sums`)
    expect(regions).toEqual([{ regions: 114, least: 999, greatest: 1_000 }])
    expect(await database.rows('select refresh_rollups(null)::int as corrected')).toEqual([{ corrected: 0 }])
  })

  it('contain files that are not imported, and the import reports each of these files with the reason.', async () => {
    await expect(importFolder(database.db, { path: join(dataDir, 'cache2k-traces'), tenant: 'whole', now: 0 })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    })
    const { others } = await importFolder(database.db, { path: join(dataDir, 'nab-hourly'), tenant: 'named', now: 0 })
    expect(others.filter(({ reason }) => reason === 'not a known format')).toEqual([])
    expect(others).toContainEqual({ path: 'combined_windows.json', reason: 'labels of anomalies, for which the market has no place' })
  })
})

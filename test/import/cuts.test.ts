import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatOf, formats } from '#src/market/import/formats.ts'
import { cuts } from './import-database.ts'

const all = globSync('**/*.*', { cwd: cuts })
const data = all.filter((file) => !/^(PROVENANCE|README|LICENSE)/.test(basename(file)))

describe('The excerpts of the data sets in test/fixtures/data', () => {
  it('have a file of every format, and at most 200 lines each.', () => {
    expect(formats.filter(({ files }) => !data.some((file) => files.test(basename(file)))).map(({ name }) => name)).toEqual([])
    for (const file of data) expect([file, readFileSync(join(cuts, file), 'utf8').split('\n').length - 1 <= 200]).toEqual([file, true])
  })

  it('state their source and their licence.', () => {
    for (const file of data) {
      const [folder = ''] = dirname(file).split('/')
      const provenance = readFileSync(join(cuts, folder, 'PROVENANCE.txt'), 'utf8')
      expect(provenance).toMatch(/^Source: /)
      expect(provenance).toMatch(/^Cut: /m)
      const [, named] = /^Licence \(([^)]+)\)/m.exec(provenance) ?? [undefined, 'LICENSE']
      expect([folder, existsSync(join(cuts, folder, named as string))]).toEqual([folder, true])
    }
  })
})

describe('A file of the data sets', () => {
  it.each([
    ['web12.trace.xz', 'a trace of cache accesses, which is no data of the market'],
    ['corda-trace_vaultservice.gz', 'a trace of cache accesses, which is no data of the market'],
    ['adapt_size-request.trace.xz', 'a trace of cache accesses, which is no data of the market'],
    ['Twitter_volume_AAPL.csv', 'hourly_by_buyer.csv has the same volume by hours'],
    ['rtb.results.1458.tsv', 'sums of replays without their rows'],
    ['test_psl.txt', 'test cases of the public suffix list'],
    ['LICENSE', 'describes the data'],
    ['holiday.jpg', 'not a known format'],
    ['my-bids.csv', 'not a known format'],
  ])('named %s is not imported: %s.', (name, reason) => {
    expect(formatOf(name)).toBe(reason)
  })
})

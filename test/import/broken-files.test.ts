import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_PROBLEMS, type RefusedFile } from '#src/market/import/import-file.ts'
import { type Problem, problemLine } from '#src/market/import/problem.ts'
import { createImportDatabase, cuts, type ImportDatabase } from './import-database.ts'

interface Broken {
  readonly file: string
  /** Completes the sentence "A broken file $file with …". */
  readonly flaw: string
  readonly change: (lines: string[]) => void
  readonly problems: readonly Partial<Problem>[]
}

const CPC = 'nab-hourly/realAdExchange/exchange-2_cpc_results.csv'
const CPM = 'nab-hourly/realAdExchange/exchange-2_cpm_results.csv'
const VOLUME = 'nab-hourly/hourly_by_buyer.csv'
const SHARES = 'bat-traffic/traffic_share.csv'
const BIDS = 'prebid-openrtb/bids.csv'
const BUYERS = 'prebid-openrtb/buyers.csv'
const TOP = 'opendns-domains/opendns-top-domains.txt'

const setting = (index: number, line: string) => (lines: string[]) => void lines.splice(index, 1, line)
const replacing = (index: number, found: string, by: string) => (lines: string[]) => {
  if (!lines[index]?.includes(found)) throw new Error(`Line ${index + 1} is ${lines[index]}.`)
  lines[index] = (lines[index] as string).replace(found, by)
}

const broken: readonly Broken[] = [
  {
    file: TOP,
    flaw: 'two invalid domain names',
    change: (lines) => {
      lines[4] = 'not a name'
      lines[9] = 'example.notatld'
    },
    problems: [
      { code: 'NOT_A_DOMAIN', line: 5, column: 'domain', value: 'not a name' },
      { code: 'NOT_A_DOMAIN', line: 10, column: 'domain', value: 'example.notatld' },
    ],
  },
  {
    file: 'opendns-domains/opendns-random-domains.txt',
    flaw: 'a URL',
    change: setting(199, 'https://example.com/'),
    problems: [{ code: 'NOT_A_DOMAIN', line: 200, value: 'https://example.com/' }],
  },
  {
    file: 'top-sites/top-sites.json',
    flaw: 'a rank that is not a number',
    change: replacing(8, '2', '"second"'),
    problems: [{ code: 'NOT_A_NUMBER', line: 8, column: 'rank', value: 'second' }],
  },
  {
    file: 'top-sites/top-sites.json',
    flaw: 'a missing name',
    change: replacing(3, 'rootDomain', 'domain'),
    problems: [{ code: 'MISSING', line: 2, column: 'rootDomain' }],
  },
  {
    file: 'top-sites/top-sites.json',
    flaw: 'a truncated end',
    change: (lines) => void lines.splice(100),
    problems: [{ code: 'MALFORMED', line: 100 }],
  },
  {
    file: 'tlds/tlds.json',
    flaw: 'an extra comma',
    change: replacing(10, ',', ',,'),
    problems: [{ code: 'MALFORMED', line: 11 }],
  },
  {
    file: 'tlds/tlds.json',
    flaw: 'an unexpected JSON structure',
    change: (lines) => void lines.splice(0, lines.length, '{"aaa": 1}'),
    problems: [{ code: 'MALFORMED', line: 1 }],
  },
  {
    file: 'tlds/tld-registries.csv',
    flaw: 'an unclosed quote',
    change: replacing(4, 'Abbott Laboratories, Inc."', 'Abbott Laboratories, Inc.'),
    problems: [{ code: 'MALFORMED' }],
  },
  {
    file: 'tlds/tld-registries.csv',
    flaw: 'a top-level domain that contains a dot',
    change: setting(0, 'co.uk,Nominet,country-code'),
    problems: [{ code: 'NOT_A_DOMAIN', line: 1, column: 'tld', value: 'co.uk' }],
  },
  {
    file: BUYERS,
    flaw: 'an invalid flag, and a row that is too short',
    change: (lines) => {
      lines[1] = '152media,1111,adkernel,2,,'
      lines[2] = '1accord,,nexx360'
    },
    problems: [
      { code: 'OUT_OF_RANGE', line: 2, column: 'disabled_by_default', value: '2' },
      { code: 'WRONG_COLUMNS', line: 3, value: '3' },
    ],
  },
  {
    file: BUYERS,
    flaw: 'a NUL character, and a domain name that is too long for an index',
    change: (lines) => {
      lines[1] = 'one\0two,1111,adkernel,0,,'
      lines[2] = `${'é'.repeat(2_000)},1111,adkernel,0,,`
    },
    problems: [
      { code: 'MALFORMED', line: 2, column: 'bidder' },
      { code: 'OUT_OF_RANGE', line: 3, column: 'bidder' },
    ],
  },
  { file: BUYERS, flaw: 'an unknown header', change: replacing(0, 'bidder', 'name'), problems: [{ code: 'WRONG_COLUMNS', line: 1 }] },
  { file: BUYERS, flaw: 'no line at all', change: (lines) => void lines.splice(0), problems: [{ code: 'WRONG_COLUMNS', line: 0 }] },
  {
    file: BIDS,
    flaw: 'an invalid price, and an unknown bidder',
    change: (lines) => {
      replacing(1, ',0.5,', ',cheap,')(lines)
      replacing(2, ',33across,', ',nobody,')(lines)
    },
    problems: [
      { code: 'NOT_A_NUMBER', line: 2, column: 'price', value: 'cheap' },
      { code: 'UNKNOWN_BUYER', line: 3, column: 'bidder', value: 'nobody' },
    ],
  },
  {
    file: BIDS,
    flaw: 'a negative price',
    change: replacing(1, ',0.5,', ',-0.5,'),
    problems: [{ code: 'OUT_OF_RANGE', line: 2, column: 'price', value: '-0.5' }],
  },
  {
    file: CPC,
    flaw: 'an invalid time, and a time that is too early',
    change: (lines) => {
      lines[1] = '2011-02-30 10:00:01,0.1'
      lines[50] = '2011-07-01 00:00:01,0.1'
    },
    problems: [
      { code: 'NOT_A_TIME', line: 2, column: 'timestamp', value: '2011-02-30 10:00:01' },
      { code: 'OUT_OF_ORDER', line: 51, column: 'timestamp' },
    ],
  },
  {
    file: CPM,
    flaw: 'an invalid value',
    change: (lines) => void lines.splice(9, 1, `${(lines[9] as string).split(',')[0]},NaN`),
    problems: [{ code: 'NOT_A_NUMBER', line: 10, column: 'value', value: 'NaN' }],
  },
  {
    file: VOLUME,
    flaw: 'a start at half past the hour, a fraction of a phone call, a missing buyer and a repeated row',
    change: (lines) => {
      lines[1] = '2015-02-26 21:30:00,AAPL,457'
      lines[2] = '2015-02-26 21:00:00,AMZN,219.5'
      lines[3] = '2015-02-26 21:00:00,,28'
      lines[5] = lines[4] as string
    },
    problems: [
      { code: 'NOT_A_TIME', line: 2, column: 'hour' },
      { code: 'NOT_A_NUMBER', line: 3, column: 'calls', value: '219.5' },
      { code: 'MISSING', line: 4, column: 'buyer' },
      { code: 'OUT_OF_ORDER', line: 6, column: 'hour' },
    ],
  },
  {
    file: SHARES,
    flaw: 'a share above one',
    change: replacing(20, '0.0', '1.0'),
    problems: [{ code: 'OUT_OF_RANGE', line: 21, column: 'traffic_share' }],
  },
  {
    file: SHARES,
    flaw: 'a missing hour',
    change: (lines) => void lines.splice(20, 1),
    problems: [{ code: 'OUT_OF_ORDER', line: 21, column: 'hour' }],
  },
  {
    file: SHARES,
    flaw: 'a missing last hour',
    change: (lines) => void lines.splice(168),
    problems: [{ code: 'INCOMPLETE', line: 168, column: 'traffic_share' }],
  },
  {
    file: SHARES,
    flaw: 'shares whose sum is not 1',
    change: replacing(1, '0.001704', '0.101704'),
    problems: [{ code: 'INCOMPLETE', line: 169 }],
  },
]

let database: ImportDatabase
let before: Readonly<Record<string, number>>

beforeAll(async () => {
  database = await createImportDatabase()
  await database.takeWhole(join(cuts, BUYERS), 'broken')
  before = await database.counts()
})

afterAll(async () => {
  await database?.drop()
})

describe('A broken file', () => {
  it.each(broken)('$file with $flaw is reported by line, column and value, and changes nothing.', async ({ file, change, problems }) => {
    const path = await database.changedCopy(file, change)
    const result = (await database.take(path, 'broken')) as RefusedFile
    expect(result.problems).toHaveLength(problems.length)
    expect(result).toMatchObject({ problems, isCutShort: false })
    for (const problem of result.problems) {
      expect(problem.expected).not.toBe('')
      expect(problem.remedy).toMatch(/^[A-Z].*\.$/)
    }
    expect(await database.counts()).toEqual(before)
  })

  it('does not even create the tenant into which it is imported.', async () => {
    await database.take(await database.changedCopy(TOP, setting(0, 'not a name')), 'never')
    expect(await database.counts()).toEqual(before)
  })

  it('whose last line is wrong changes nothing, although earlier batches were already written.', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `name-${index}.com`)
    const path = await database.write('long-top-domains.txt', `${lines.join('\n')}\nnot a name\n`)
    expect(await database.take(path, 'broken')).toMatchObject({ problems: [{ code: 'NOT_A_DOMAIN', line: 5_001 }] })
    expect(await database.counts()).toEqual(before)
  })

  it('with many problems is read only until the maximum number of reported problems is reached.', async () => {
    const path = await database.write('bad-top-domains.txt', 'not a name\n'.repeat(1_000))
    const result = (await database.take(path, 'broken')) as RefusedFile
    expect(result.problems).toHaveLength(MAX_PROBLEMS)
    expect(result.isCutShort).toBe(true)
  })

  it('with an endless line or an endless JSON entry is rejected before all of it is in memory.', async () => {
    const text = await database.write('endless-top-domains.txt', 'a'.repeat(3_000_000))
    expect(await database.take(text, 'broken')).toMatchObject({ problems: [{ code: 'MALFORMED' }] })
    const json = await database.write('top-sites.json', `[{"rank": [${'1,'.repeat(500_000)}1]}]`)
    expect(await database.take(json, 'broken')).toMatchObject({ problems: [{ code: 'MALFORMED', line: 1 }] })
  })

  it('that cannot be read is reported once, without a line number.', async () => {
    const result = await database.take(join(cuts, 'gone-top-domains.txt'), 'broken')
    expect(result).toMatchObject({ problems: [{ code: 'UNREADABLE', line: 0 }] })
    expect(problemLine('gone-top-domains.txt', (result as RefusedFile).problems[0] as Problem)).toMatch(
      /^gone-top-domains\.txt: expected a file that can be read \(ENOENT.*\)\. Correct its permissions, or move it away\. \[UNREADABLE\]$/,
    )
  })
})

it('A reported problem is one line with its place, value, remedy and code.', async () => {
  const path = await database.changedCopy(BIDS, replacing(1, ',0.5,', ',cheap,'))
  const { problems } = (await database.take(path, 'broken')) as RefusedFile
  expect(problemLine('bids.csv', problems[0] as Problem)).toBe(
    'bids.csv:2: column price: expected a number from 0 to 100000000, got "cheap". Correct the number, or delete the row. [NOT_A_NUMBER]',
  )
})

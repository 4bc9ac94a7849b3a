import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { shellWord, tidegateLine } from '../../web/src/views/purging/command-line.ts'
import { orderOfTag, type PurgeOrder, purgeLine, purgeRequest, wordToType } from '../../web/src/views/purging/purge-order.ts'
import { purgeParts } from '../../web/src/views/purging/purge-parts.ts'

const ORDERS: readonly (readonly [PurgeOrder, string])[] = [
  [{ kind: 'tag', tag: 'acme:Campaign[]:status=ACTIVE' }, "npx tidegate purge 'acme:Campaign[]:status=ACTIVE' --reason why --yes"],
  [{ kind: 'key', key: 'acme:Campaign:["42"]' }, `npx tidegate purge --key 'acme:Campaign:["42"]' --reason why --yes`],
  [{ kind: 'pattern', pattern: 'Camp*', tenant: 'acme' }, "npx tidegate purge --pattern 'Camp*' --tenant acme --reason why --yes"],
  [{ kind: 'table', table: 'campaigns', tenant: undefined }, 'npx tidegate purge --table campaigns --reason why --yes'],
  [{ kind: 'tenant', tenant: 'acme' }, 'npx tidegate purge --all acme --reason why --yes'],
  [{ kind: 'all' }, 'npx tidegate purge --all all --reason why --yes'],
]

describe('a purge of the dashboard', () => {
  it.each(ORDERS)('of %o prints the command that does the same.', (order, line) => {
    expect(purgeLine(order, 'why')).toBe(line)
  })

  it.each(ORDERS)('of %o is a dry run as long as no reason is given, and has the same filter afterwards.', (order) => {
    const [dry, real] = [purgeRequest(order, undefined), purgeRequest(order, 'why')]
    expect(dry.body.dryRun).toBe(true)
    expect(real.body.dryRun).toBeUndefined()
    expect({ path: dry.path, body: { ...dry.body, dryRun: undefined } }).toEqual({
      path: real.path,
      body: { ...real.body, reason: undefined },
    })
  })

  it('asks for a word to be typed only if it voids a whole tenant or everything.', () => {
    expect(ORDERS.map(([order]) => wordToType(order))).toEqual([undefined, undefined, undefined, undefined, 'acme', 'all'])
  })

  it('of a tag that is a whole tenant, or everything, is a purge whose word must be typed.', () => {
    expect(orderOfTag('acme')).toEqual({ kind: 'tenant', tenant: 'acme' })
    expect(orderOfTag('*')).toEqual({ kind: 'all' })
    expect(orderOfTag('acme:Campaign:42')).toEqual({ kind: 'tag', tag: 'acme:Campaign:42' })
  })
})

describe('the result of a purge', () => {
  it('says of each process and each edge how it is known that it serves no old value.', () => {
    const parts = purgeParts({
      instances: [
        { instance: '0123456789', host: 'a', state: 'applied' },
        { instance: '9876543210', host: 'b', state: 'lease ended' },
      ],
      edges: [
        { edge: 'cdn.example', state: 'purged' },
        { edge: 'other.example', state: 'pending' },
      ],
    })
    expect(parts.map(({ name, where, state, tone }) => [name, where, state, tone])).toEqual([
      ['01234567', 'process on a', 'applied', 'good'],
      ['98765432', 'process on b', 'lease ended', 'warn'],
      ['cdn.example', 'edge', 'purged', 'good'],
      ['other.example', 'edge', 'pending', 'bad'],
    ])
    expect(new Set(parts.map(({ meaning }) => meaning)).size).toBe(4)
  })
})

describe('a printed command line', () => {
  it.each([
    'plain',
    'import of "27 November" was wrong',
    "it's",
    '$(touch /tmp/x) `id` $HOME',
    'a\\b',
    '*~[]{}#!&;|<>',
    '',
    'größe 数',
    '--yes',
  ])('passes %o to the program unchanged.', (word) => {
    const given = execFileSync('sh', ['-c', `printf '%s\\n' ${shellWord(word)}`], { encoding: 'utf8' })
    expect(given).toBe(`${word}\n`)
  })

  it('joins a value that begins with a dash to its option, so that it is no option itself.', () => {
    expect(tidegateLine('purge', ['acme:A:1'], { reason: '-x y', tenant: undefined, yes: true })).toBe(
      "npx tidegate purge acme:A:1 --reason='-x y' --yes",
    )
  })
})

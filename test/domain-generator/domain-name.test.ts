import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { normalizeDomain, splitDomain } from '#src/market/rules/naming/domain-name.ts'
import { topLevelDomain, topLevelDomains } from '#src/market/rules/naming/top-level-domains.ts'
import fc from '../property.ts'
import { needs } from '../servers/availability.ts'

const dataDir = process.env.DATA_DIR

describe('a domain name that a person typed', () => {
  it.each([
    ['Example.COM', 'example.com', 'example.com'],
    [' example.com. ', 'example.com', 'example.com'],
    ['Plômbier.com', 'xn--plmbier-u0a.com', 'plômbier.com'],
    ['xn--plmbier-u0a.com', 'xn--plmbier-u0a.com', 'plômbier.com'],
    ['食狮。中国', 'xn--85x722f.xn--fiqs8s', '食狮.中国'],
    ['straße.de', 'xn--strae-oqa.de', 'straße.de'],
    ['a.b.co.uk', 'a.b.co.uk', 'a.b.co.uk'],
  ])('is normalized: %j becomes %s', (given, name, unicodeName) => {
    const { sld, tld } = splitDomain(name)
    expect(normalizeDomain(given)).toEqual({ name, unicodeName, sld, tld })
  })

  it.each([
    '',
    '.',
    'com',
    'example.',
    'example.con',
    '-a.com',
    'a-.com',
    'ab--cd.com',
    'a b.com',
    'a_b.com',
    'a..com',
    `${'a'.repeat(64)}.com`,
    'xn--zzzzzz99999.com',
    'http://example.com',
    'me@example.com',
    'example.com:80',
    '‍a.com',
    '1א.com',
  ])('is rejected if it is not a valid domain name: %j', (given) => {
    expect(() => normalizeDomain(given)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }))
  })

  it('does not change when it is normalized a second time', () => {
    const label = fc.stringMatching(/^[a-z0-9äöüßéñçа-яא-ת水道-]{1,20}$/)
    fc.assert(
      fc.property(label, fc.constantFrom(...topLevelDomains.values()), (sld, tld) => {
        let normalized: ReturnType<typeof normalizeDomain>
        try {
          normalized = normalizeDomain(`${sld}.${tld.unicodeName}`)
        } catch {
          return
        }
        expect(normalizeDomain(normalized.name)).toEqual(normalized)
        expect(normalizeDomain(normalized.unicodeName)).toEqual(normalized)
      }),
    )
  })
})

describe('the list of top-level domains', () => {
  it('contains each top-level domain in A-label and U-label form, and with its kind', () => {
    expect(topLevelDomains.size).toBeGreaterThan(1_400)
    expect(topLevelDomain('.COM')).toEqual({ name: 'com', unicodeName: 'com', kind: 'GENERIC' })
    expect(topLevelDomain('us')).toEqual({ name: 'us', unicodeName: 'us', kind: 'COUNTRY_CODE' })
    expect(topLevelDomain('みんな')).toEqual({ name: 'xn--q9jyb4c', unicodeName: 'みんな', kind: 'INTERNATIONALIZED' })
  })
})

describe('the parser of domain names', needs('DATA_DIR'), () => {
  const read = (path: string) => readFileSync(join(dataDir as string, path), 'utf8')

  it('accepts nearly all names of a ranking of popular domains, and splits each of them at its top-level domain', () => {
    const names = read('opendns-domains/opendns-top-domains.txt').trim().split('\n')
    const accepted = names.filter((name) => {
      try {
        return normalizeDomain(name).name === name
      } catch {
        return false
      }
    })
    expect(accepted.length / names.length).toBeGreaterThan(0.99)
  })

  it('converts the A-label and the U-label of each name in the public suffix tests to the same A-label', () => {
    const lines = [...read('psl/test_psl.txt').matchAll(/^checkPublicSuffix\('([^']+)', '([^']+)'\)/gm)]
    const wide = lines.map(([, given]) => given as string).filter((given) => /[^ -~]/.test(given))
    expect(wide.length).toBeGreaterThan(5)
    for (const given of wide) {
      const normalized = normalizeDomain(given)
      expect(normalized.unicodeName).toBe(given)
      expect(normalizeDomain(normalized.name)).toEqual(normalized)
    }
  })
})

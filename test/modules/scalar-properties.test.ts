import { GraphQLScalarType } from 'graphql'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scalarsModule } from '#src/market/modules/scalars.ts'
import fc from '../property.ts'

const parse = (name: string, value: unknown): unknown => {
  const scalar = scalarsModule.resolvers[name]
  if (!(scalar instanceof GraphQLScalarType)) throw new Error(`There is no scalar ${name}.`)
  return scalar.parseValue(value)
}
const refused = expect.objectContaining({
  code: 'BAD_USER_INPUT',
  message: expect.stringMatching(/expected .*, got|is not a domain name|Expected a domain name without/),
})

const ZONES = ['UTC', 'America/St_Johns', 'Pacific/Kiritimati', 'Asia/Kolkata', 'America/Sao_Paulo']
afterEach(() => void vi.unstubAllEnvs())

const two = (value: number) => String(value).padStart(2, '0')
const time = fc.integer({ min: Date.parse('0001-01-02T00:00:00Z'), max: Date.UTC(9999, 11, 30) })

describe('the scalar DateTime', () => {
  it('reads one moment as the same value, whatever UTC offset the text has and whatever time zone the server has', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), fc.constantFrom(...ZONES), (moment, minutes, zone) => {
        vi.stubEnv('TZ', zone)
        const local = new Date(moment + minutes * 60_000).toISOString().slice(0, -1)
        const offset =
          minutes === 0 ? 'Z' : `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
        expect(parse('DateTime', `${local}${offset}`)).toBe(new Date(moment).toISOString())
      }),
      { numRuns: 300 },
    )
  })

  it('accepts the parts of a date and time only within their limits', () => {
    const part = (most: number) => fc.integer({ min: 0, max: most })
    fc.assert(
      fc.property(part(2100), part(14), part(33), part(26), part(62), part(62), (year, month, day, hour, minute, second) => {
        const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}Z`
        const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
        const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
        const isReal = year >= 1 && day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60
        if (isReal) expect(parse('DateTime', text)).toBe(`${text.slice(0, -1)}.000Z`)
        else expect(() => parse('DateTime', text)).toThrow(refused)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    '',
    ' ',
    '2026',
    '2026-03-01',
    '2026-03-01T08:30:00',
    '2026-03-01 08:30:00Z',
    ' 2026-03-01T08:30:00Z',
    '2026-03-01T08:30:00Z ',
    '2026-03-01T08:30:00Z\n',
    '2026-03-01T08Z',
    '20260301T083000Z',
    '2026-W09-7T08:30:00Z',
    '+002026-03-01T08:30:00Z',
    '-0001-03-01T08:30:00Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '10000-01-01T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T08:30:60Z',
    '2026-03-01T08:30:00+24:00',
    '2026-03-01T08:30:00+05:60',
    '2026-03-01T08:30:00-00:00',
    '2026-03-01T08:30:00+0530',
    '2026-03-01T08:30:00+05',
    '2026-03-01T08:30:00.Z',
    '2026-03-01T08:30:00,5Z',
    '2026-03-01T08:30:00.1234567890Z',
    'Sun, 01 Mar 2026 08:30:00 GMT',
    '1772353800000',
    '２０２６-03-01T08:30:00Z',
    1_772_353_800_000,
    0,
    null,
    true,
    {},
    [],
    ['2026-03-01T08:30:00Z'],
  ])('rejects a text that is not a date and time with a time zone in the years 0001 to 9999: %j', (value) => {
    expect(() => parse('DateTime', value)).toThrow(refused)
  })

  it.each([
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999Z'],
    ['0099-02-28T23:59-23:59', '0099-03-01T23:58:00.000Z'],
    ['2026-03-01t08:30z', '2026-03-01T08:30:00.000Z'],
  ])('reads %s as %s', (text, moment) => {
    expect(parse('DateTime', text)).toBe(moment)
  })
})

describe.each([
  ['MinorUnits', -Number.MAX_SAFE_INTEGER],
  ['Count', 0],
] as const)('the scalar %s', (name, least) => {
  it('accepts integers within its limits unchanged, and rejects everything else', () => {
    const numbers = fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 63, 0.5, Number.NaN))
    fc.assert(
      fc.property(numbers, (value) => {
        if (Number.isSafeInteger(value) && value >= least) expect(parse(name, value)).toBe(value + 0)
        else expect(() => parse(name, value)).toThrow(refused)
      }),
    )
    expect(Object.is(parse(name, -0), 0)).toBe(true)
    for (const value of ['1', '', ' 1', '1e3', true, null, [], [1], {}, 10n]) expect(() => parse(name, value)).toThrow(refused)
  })
})

describe('the scalar DomainName', () => {
  it.each(['EXAMPLE.com', 'example.com.', ' example.com\n', 'münchen.com', 'xn--mnchen-3ya.com', 'example。com'])('accepts %j', (value) => {
    expect(parse('DomainName', value)).toMatch(/^[a-z0-9.-]+\.com$/)
  })

  it.each([
    '',
    ' ',
    '.',
    'com',
    '.com',
    'example',
    'example..com',
    'example.com..',
    '-a.com',
    'a-.com',
    'a b.com',
    'a_b.com',
    'http://example.com',
    'example.com/',
    'example.com:80',
    'a@example.com',
    'example.nosuchtld',
    '127.0.0.1',
    '[::1]',
    'xn--a.com',
    `${'a'.repeat(64)}.com`,
    'a\0.com',
    '\ud83d.com',
    1,
    null,
    [],
    {},
  ])('rejects a text that is not a domain name: %j', (value) => {
    expect(() => parse('DomainName', value)).toThrow(refused)
  })
})

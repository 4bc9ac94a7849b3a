import { GraphQLScalarType, parseValue } from 'graphql'
import { describe, expect, it } from 'vitest'
import { scalarsModule } from '#src/market/modules/scalars.ts'

function scalar(name: string): GraphQLScalarType {
  const found = scalarsModule.resolvers[name]
  if (!(found instanceof GraphQLScalarType)) throw new Error(`There is no scalar ${name}.`)
  return found
}

const parse = (name: string, value: unknown) => scalar(name).parseValue(value)
const refused = (message: unknown) => expect.objectContaining({ code: 'BAD_USER_INPUT', message })

describe('the custom scalars', () => {
  it('accept a domain name of at most 300 characters, and remove the spaces around the name', () => {
    expect(parse('DomainName', `${' '.repeat(301)}example.com`)).toBe('example.com')
    expect(() => parse('DomainName', 'a'.repeat(300))).toThrow(refused(expect.stringContaining('is not a domain name')))
    expect(() => parse('DomainName', 'a'.repeat(301))).toThrow(
      refused(`Expected a domain name of at most 300 characters, got 301 in "${'a'.repeat(60)}…".`),
    )
  })

  it('reject a domain name whose A-label form has more than 253 characters', () => {
    const label = 'a'.repeat(49)
    const name = `${label}.${label}.${label}.${label}.${label}.com`
    expect(name).toHaveLength(253)
    expect(parse('DomainName', name)).toBe(name)
    expect(() => parse('DomainName', `a${name}`)).toThrow(/labels take 1 to 63 letters/)
  })

  it('accept dates and times with a time zone, and reject longer texts', () => {
    expect(parse('DateTime', '2026-03-01T08:30:00.123456789+05:30')).toBe('2026-03-01T03:00:00.123Z')
    const expected = 'DateTime: expected a moment with a zone such as 2026-03-01T08:30:00Z, got'
    expect(() => parse('DateTime', `2026-03-01T08:30:00Z${' '.repeat(500)}`)).toThrow(
      refused(`${expected} "2026-03-01T08:30:00Z${' '.repeat(40)}…".`),
    )
    expect(parse('TimeZone', 'america/new_york')).toBe('America/New_York')
    expect(() => parse('TimeZone', 'Mars')).toThrow(
      refused('TimeZone: expected the IANA name of a time zone, such as America/New_York, got "Mars".'),
    )
    expect(() => parse('DateTime', '2026-03-01')).toThrow(refused(`${expected} "2026-03-01".`))
    expect(() => parse('DateTime', '2026-02-30T08:30:00Z')).toThrow(refused(`${expected} "2026-02-30T08:30:00Z".`))
  })

  it('accept integers of minor units up to the largest safe integer', () => {
    const money = scalar('MinorUnits')
    expect(money.parseLiteral(parseValue('9007199254740991'))).toBe(9_007_199_254_740_991)
    expect(money.parseLiteral(parseValue('-9007199254740991'))).toBe(-9_007_199_254_740_991)
    const expected = 'MinorUnits: expected an integer of minor units, such as 1999, got'
    expect(() => money.parseLiteral(parseValue('9'.repeat(100)))).toThrow(refused(`${expected} "${'9'.repeat(60)}…".`))
    expect(() => money.parseLiteral(parseValue('1.5'))).toThrow(refused(`${expected} "1.5".`))
    expect(() => money.parseLiteral(parseValue('[1]'))).toThrow(refused(`${expected} "ListValue".`))
    expect(() => parse('MinorUnits', 0.5)).toThrow(refused(`${expected} 0.5.`))
  })

  it('describe a rejected value in a few words, whatever its size', () => {
    const list = Array.from({ length: 100_000 }, (_, index) => index)
    expect(() => parse('MinorUnits', list)).toThrow(/got a list\.$/)
    expect(() => parse('MinorUnits', { list })).toThrow(/got an object\.$/)
    expect(() => parse('MinorUnits', null)).toThrow(/got null\.$/)
    expect(() => parse('DomainName', { list })).toThrow(refused('DomainName: expected a text, got an object.'))
    expect(() => parse('DateTime', 'x'.repeat(100_000))).toThrow(/got "x{60}…"\.$/)
  })
})

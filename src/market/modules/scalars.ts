import { GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql'
import { GatewayError } from '../../errors.ts'
import type { Module } from '../../gateway/contract/module.ts'
import { quote } from '../../gateway/contract/quote.ts'
import { normalizeDomain } from '../rules/naming/domain-name.ts'
import { timeZoneName } from '../rules/time-zones.ts'

/**
 * Captures the parts of a DateTime: year, month, day, hour, minute, second, fraction of the second, and the sign, hours and minutes of the
 * offset.
 */
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))$/i

const MINUTE_MS = 60_000

/** Maximum length of a DateTime, characters. A DateTime with nine fractional digits and an offset has 35 characters. */
const MAX_MOMENT_LENGTH = 40

/** Maximum number of characters of an integer literal: the largest exact integer of JavaScript has 16 digits, and there may be a sign. */
const MAX_DIGITS = 17

/** Parses a DateTime to a canonical text. The same moment always gives the same text, so the text can be part of a cache key. */
const dateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  parseValue: parseMoment,
  serialize: (value) => (typeof value === 'string' ? value : refuse('DateTime', 'an ISO 8601 text', value)),
})

const minorUnits = new GraphQLScalarType<number, number>({
  name: 'MinorUnits',
  parseValue: parseInteger,
  parseLiteral: (node) => parseInteger(node.kind === Kind.INT && node.value.length <= MAX_DIGITS ? Number(node.value) : literalText(node)),
  serialize: parseInteger,
})

const count = new GraphQLScalarType<number, number>({
  name: 'Count',
  parseValue: parseCount,
  parseLiteral: (node) => parseCount(node.kind === Kind.INT && node.value.length <= MAX_DIGITS ? Number(node.value) : literalText(node)),
  serialize: parseCount,
})

const domainName = new GraphQLScalarType<string, string>({
  name: 'DomainName',
  parseValue: (value) => (typeof value === 'string' ? normalizeDomain(value).name : refuse('DomainName', 'a text', value)),
  serialize: (value) => (typeof value === 'string' ? value : refuse('DomainName', 'a text', value)),
})

/** Parses the name of a time zone to the one name that the program uses for it, because the name is part of cache keys. */
const timeZone = new GraphQLScalarType<string, string>({
  name: 'TimeZone',
  parseValue: parseTimeZone,
  serialize: parseTimeZone,
})

/** Passes any JSON on. The mutations that take a condition check it, because their errors name the wrong part of it. */
const condition = new GraphQLScalarType<unknown, unknown>({
  name: 'Condition',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
  serialize: (value) => value,
})

export const scalarsModule: Module = {
  entities: [],
  resolvers: { DateTime: dateTime, MinorUnits: minorUnits, Count: count, DomainName: domainName, TimeZone: timeZone, Condition: condition },
}

/** Computes the canonical text from the digits alone, so it does not depend on the time zone or the locale of this process. */
function parseMoment(value: unknown): string {
  const refused = (): never => refuse('DateTime', 'a moment with a zone such as 2026-03-01T08:30:00Z', value)
  const groups = typeof value === 'string' && value.length <= MAX_MOMENT_LENGTH ? MOMENT.exec(value) : null
  if (!groups) return refused()
  const [year, month, day, hour, minute, second] = groups.slice(1, 7).map((digits) => Number(digits ?? 0)) as Six
  const [fraction = '', sign = '+', offsetHour = '00', offsetMinute = '00'] = groups.slice(7)
  const local = new Date(0)
  // The year is set separately, because `Date.UTC` maps the years 0 to 99 to the 20th century.
  local.setUTCFullYear(year, month - 1, day)
  local.setUTCHours(hour, minute, second, Number(fraction.padEnd(3, '0').slice(0, 3)))
  // `Date` turns February 30 into March 2, and 24:00 into the next day. So the month and the day of the `Date` must equal the given month
  // and day, and the hour, minute and second must be in their ranges.
  const isReal = local.getUTCMonth() === month - 1 && local.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  const isZone = Number(offsetHour) < 24 && Number(offsetMinute) < 60 && `${sign}${offsetHour}${offsetMinute}` !== '-0000'
  if (!isReal || !isZone) return refused()
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * MINUTE_MS
  const moment = new Date(local.getTime() - (sign === '-' ? -offset : offset)).toISOString()
  return /^\d{4}-/.test(moment) && !moment.startsWith('0000') ? moment : refused()
}

function parseTimeZone(value: unknown): string {
  const name = typeof value === 'string' ? timeZoneName(value) : null
  return name ?? refuse('TimeZone', 'the IANA name of a time zone, such as America/New_York', value)
}

type Six = [number, number, number, number, number, number]

function parseInteger(value: unknown): number {
  // Adding 0 turns -0 into 0: both are the same amount, and must have the same cache key.
  return typeof value === 'number' && Number.isSafeInteger(value)
    ? value + 0
    : refuse('MinorUnits', 'an integer of minor units, such as 1999', value)
}

function parseCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value + 0
    : refuse('Count', 'an integer from 0 on, such as 1999', value)
}

function refuse(scalar: string, expected: string, value: unknown): never {
  throw new GatewayError('BAD_USER_INPUT', `${scalar}: expected ${expected}, got ${shown(value)}.`)
}

/** Describes a value of any size and shape in a few words. Large values are cut before they are formatted. */
function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function literalText(node: ValueNode): string {
  return 'value' in node ? String(node.value) : node.kind
}

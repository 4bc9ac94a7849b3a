import { GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { GatewayError } from '../errors.ts'
import { normalizeDomain } from '../generator/domain-name.ts'
import { quote } from '../generator/quote.ts'
import type { Module } from './module.ts'

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/i

/** With nine digits of a second and an offset it has 35. */
const MAX_MOMENT_LENGTH = 40

/** No integer that a number holds exactly has more, the sign included. */
const MAX_DIGITS = 17

/** Parsed to text that is the same for the same moment, so that it may stand in a cache key. */
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

const domainName = new GraphQLScalarType<string, string>({
  name: 'DomainName',
  parseValue: (value) => (typeof value === 'string' ? normalizeDomain(value).name : refuse('DomainName', 'a text', value)),
  serialize: (value) => (typeof value === 'string' ? value : refuse('DomainName', 'a text', value)),
})

export const scalarsModule: Module = {
  entities: [],
  resolvers: { DateTime: dateTime, MinorUnits: minorUnits, DomainName: domainName },
}

function parseMoment(value: unknown): string {
  const expected = 'a moment with a zone such as 2026-03-01T08:30:00Z'
  const [, year, month, day] = (typeof value === 'string' && value.length <= MAX_MOMENT_LENGTH && MOMENT.exec(value)) || []
  const time = year === undefined || typeof value !== 'string' ? Number.NaN : Date.parse(value)
  // JavaScript takes February 30 for March 2.
  if (Number.isNaN(time) || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())
    return refuse('DateTime', expected, value)
  const moment = new Date(time).toISOString()
  return /^\d{4}-/.test(moment) && !moment.startsWith('0000') ? moment : refuse('DateTime', expected, value)
}

function parseInteger(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value)
    ? value
    : refuse('MinorUnits', 'an integer of minor units, such as 1999', value)
}

function refuse(scalar: string, expected: string, value: unknown): never {
  throw new GatewayError('BAD_USER_INPUT', `${scalar}: expected ${expected}, got ${shown(value)}.`)
}

/** A value of any size and shape in a few words: nothing is spelled out before it is cut. */
function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function literalText(node: ValueNode): string {
  return 'value' in node ? String(node.value) : node.kind
}

import { GraphQLScalarType, Kind } from 'graphql'
import { GatewayError } from '../errors.ts'
import { normalizeDomain } from '../generator/domain-name.ts'
import type { Module } from './module.ts'

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/i

/** Parsed to text that is the same for the same moment, so that it may stand in a cache key. */
const dateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  parseValue: parseMoment,
  serialize: (value) => (typeof value === 'string' ? value : refuse('DateTime', 'an ISO 8601 text', value)),
})

const minorUnits = new GraphQLScalarType<number, number>({
  name: 'MinorUnits',
  parseValue: parseInteger,
  parseLiteral: (node) => parseInteger(node.kind === Kind.INT ? Number(node.value) : node.kind),
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
  const [, year, month, day] = (typeof value === 'string' && MOMENT.exec(value)) || []
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
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
  throw new GatewayError('BAD_USER_INPUT', `${scalar}: expected ${expected}, got ${JSON.stringify(value)?.slice(0, 60)}.`)
}

import pg from 'pg'

/** Type OIDs of Postgres' system catalogue, the same in every installation. */
const INT8 = 20
const DATE = 1082
const TIMESTAMPTZ = 1184
const INT8_ARRAY = 1016
const DATE_ARRAY = 1182
const TIMESTAMPTZ_ARRAY = 1185
const TEXT_ARRAY = 1009

const UTC_TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?\+00$/
const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?$/

/** Parsers of scalar columns, by type: int8 as a number, timestamptz as an ISO string in UTC, date as `YYYY-MM-DD`. */
export const scalarParsers: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: parseInt8,
  [DATE]: (text) => text,
  [TIMESTAMPTZ]: parseTimestamp,
}

/**
 * Parsers for the driver `pg`, for scalar columns and for arrays. They are set for one pool or client, so that the driver's global settings
 * stay unchanged.
 */
export const pgTypes: pg.CustomTypesConfig = {
  getTypeParser(type: number, format?: 'text' | 'binary') {
    const parse = format === 'binary' ? undefined : pgParsers[type]
    return parse ?? pg.types.getTypeParser(type, format)
  },
}

const pgParsers: Readonly<Record<number, (text: string) => unknown>> = {
  ...scalarParsers,
  [INT8_ARRAY]: (text) => parseArray(text, parseInt8),
  [DATE_ARRAY]: (text) => parseArray(text, (element) => element),
  [TIMESTAMPTZ_ARRAY]: (text) => parseArray(text, parseTimestamp),
}

/** Parser of text arrays; the cast is needed because the driver's types list only the scalar types. */
const parseTextArray = (pg.types.getTypeParser as (type: number) => (text: string) => (string | null)[])(TEXT_ARRAY)

function parseArray(text: string, parse: (element: string) => unknown): unknown[] {
  const elements: (string | null)[] = parseTextArray(text)
  return elements.map((element) => (element === null ? null : parse(element)))
}

/** Parses an int8. @throws RangeError for an integer that a number cannot hold exactly. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`The integer ${text} is too large for a number: cast it to text in the query.`)
  return value
}

/** Parses a timestamptz. @throws RangeError for infinity, for years beyond 9999 and for a DateStyle other than ISO. */
function parseTimestamp(text: string): string {
  const utc = UTC_TIMESTAMP.exec(text)
  if (utc) return `${utc[1]}T${utc[2]}.${(utc[3] ?? '').padEnd(3, '0')}Z`
  const match = TIMESTAMP.exec(text)
  if (!match) throw new RangeError(`Expected a timestamp such as 2025-01-31 12:00:00+00, got ${text}: set DateStyle to ISO.`)
  return new Date(`${match[1]}T${match[2]}${match[3]}:${match[4] ?? '00'}`).toISOString()
}

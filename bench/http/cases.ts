import type { Place } from './database.ts'
import type { Launch } from './launch.ts'

export type Temperature = 'hot' | 'l2' | 'cold'
export type Size = 'small' | 'list'
export type Method = 'post' | 'get' | '304'

/** A case of the benchmark. It combines a state of the servers' caches (`temperature`), an operation (`size`) and an HTTP method. */
export interface Case {
  readonly temperature: Temperature
  readonly size: Size
  readonly method: Method
}

export interface Contestant {
  readonly name: string
  readonly launch: (place: Place) => Launch
  /** Whether the server is measured in this case. */
  readonly takes: (kase: Case) => boolean
  /** Expected value of X-Cache-Level in a hit, if the server sends that header. */
  readonly level?: 'L1' | 'L2'
}

export const CASES: readonly Case[] = [
  { temperature: 'hot', size: 'small', method: 'post' },
  { temperature: 'hot', size: 'list', method: 'post' },
  { temperature: 'hot', size: 'small', method: 'get' },
  { temperature: 'hot', size: 'list', method: 'get' },
  { temperature: 'hot', size: 'small', method: '304' },
  { temperature: 'hot', size: 'list', method: '304' },
  { temperature: 'l2', size: 'small', method: 'post' },
  { temperature: 'l2', size: 'list', method: 'post' },
  { temperature: 'cold', size: 'small', method: 'post' },
  { temperature: 'cold', size: 'list', method: 'post' },
]

const SELECTIONS: Readonly<Record<Size, { readonly first: number; readonly fields: string }>> = {
  small: { first: 1, fields: 'id name' },
  list: {
    first: 20,
    fields:
      'id name status keywords tlds patterns startsAt endsAt createdAt updatedAt version domainCount owner { id name email } budget { amount currency }',
  },
}

/**
 * Common start of all cursors. The cursors belong to the list of campaigns, newest first. Every cursor contains a creation time in the
 * future, so all campaigns come after the cursor.
 */
const CURSOR_START = '["Campaign.created_at.desc","9999-01-01T00:00:00.000Z",'
/** First row id for the cursors. All row ids used in cursors have the same number of digits. */
const FIRST_ID = 1_000_000_000

/** Query and variables of a GraphQL request. */
export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** Returns the operation that is sent before the measurement, so that every server with a cache has cached its response. */
export function hotOperation(size: Size): Operation {
  const { first, fields } = SELECTIONS[size]
  return { query: `{ campaigns(first: ${first}) { nodes { ${fields} } } }` }
}

/**
 * Returns an operation that was never sent before, so that no server has its response in the cache. Each such operation requests the
 * campaigns after another cursor. All cursors are before the first campaign, so all responses are equal.
 * @param number A number from 0 to 8,999,999,999 that was not used before.
 */
export function coldOperation(size: Size, number: number): Operation {
  const after = Buffer.from(`${CURSOR_START}${FIRST_ID + number}]`).toString('base64url')
  return { query: coldQuery(size), variables: { after } }
}

/**
 * Returns Lua code that defines a function `body`. Each call of the function returns the request body for {@link coldOperation} with the
 * next number. The first number is `start`.
 */
export function coldBodies(size: Size, start: number): string {
  // Base64 encodes 3 bytes at a time. So all whole groups of 3 bytes in the common start of the cursors are encoded here.
  const length = CURSOR_START.length - (CURSOR_START.length % 3)
  const encoded = Buffer.from(CURSOR_START.slice(0, length)).toString('base64url')
  const before = JSON.stringify({ query: coldQuery(size), variables: { after: encoded } }).slice(0, -3)
  return `local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local number = ${start}
local function base64url(text)
  local encoded = {}
  for place = 1, #text, 3 do
    local one, two, three = text:byte(place, place + 2)
    local bits = one * 65536 + (two or 0) * 256 + (three or 0)
    for character = 1, (three and 4) or (two and 3) or 2 do
      local digit = math.floor(bits / 64 ^ (4 - character)) % 64
      encoded[#encoded + 1] = digits:sub(digit + 1, digit + 1)
    end
  end
  return table.concat(encoded)
end
local function body()
  local id = string.format("%.0f", ${FIRST_ID} + number)
  number = number + 1
  return [==[${before}]==] .. base64url([==[${CURSOR_START.slice(length)}]==] .. id .. "]") .. [==["}}]==]
end`
}

export function nameOf({ temperature, size, method }: Case): string {
  return `${temperature} ${size} ${method}`
}

function coldQuery(size: Size): string {
  const { first, fields } = SELECTIONS[size]
  return `query ($after: String) { campaigns(first: ${first}, after: $after) { nodes { ${fields} } } }`
}

import type { Place } from './database.ts'
import type { Launch } from './launch.ts'

/** `new`: neither the answer nor the rows that it is made of were read before. */
export type Temperature = 'hot' | 'l2' | 'cold' | 'new'
export type Size = 'small' | 'list'
export type Method = 'post' | 'get' | '304'
/**
 * `fields`: each request has another value of a header field. `tokens`: each request carries another of many tokens. `uniform` and `zipf`:
 * each request is one of many operations, all equally often or by Zipf's law.
 */
export type Variety = 'fields' | 'tokens' | 'uniform' | 'zipf'

/** A case of the benchmark. It combines a state of the servers' caches (`temperature`), an operation (`size`) and an HTTP method. */
export interface Case {
  readonly temperature: Temperature
  readonly size: Size
  readonly method: Method
  /** Undefined: all requests of a turn are equal, or each is another one if they are cold. */
  readonly variety?: Variety
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
  { temperature: 'new', size: 'small', method: 'post' },
  { temperature: 'new', size: 'list', method: 'post' },
  { temperature: 'hot', size: 'small', method: 'post', variety: 'fields' },
  { temperature: 'hot', size: 'list', method: 'post', variety: 'fields' },
  { temperature: 'hot', size: 'small', method: 'post', variety: 'tokens' },
  { temperature: 'hot', size: 'list', method: 'post', variety: 'tokens' },
  { temperature: 'hot', size: 'list', method: 'post', variety: 'uniform' },
  { temperature: 'hot', size: 'list', method: 'post', variety: 'zipf' },
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
  return { query: coldQuery(size), variables: { after: cursorOf(`${CURSOR_START}${FIRST_ID + number}]`) } }
}

function cursorOf(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/**
 * Returns Lua code that defines a function `body`. Each call of the function returns the request body for {@link coldOperation} with the
 * next number. The first number is `start`.
 */
export function coldBodies(size: Size, start: number): string {
  return bodiesOf(size, start, CURSOR_START, `string.format("%.0f", ${FIRST_ID} + number) .. "]"`)
}

/** Number of rows that the operations of the cases with new rows read, one after the other. */
export const NEW_ROWS = 480_000
/** Creation time of the newest of these rows, Unix epoch s. Each row is one second older than the one before it. */
export const NEWEST_ROW = Date.UTC(2024, 0, 1) / 1000
const NEW_START = '["Campaign.created_at.desc","'

/**
 * Returns an operation that reads the rows of a page: the first row, or the first 20 rows, for page 0. They are the campaigns of the tenant
 * with new rows.
 */
export function newOperation(size: Size, page: number): Operation {
  const time = new Date((NEWEST_ROW + 1 - page * SELECTIONS[size].first) * 1000).toISOString()
  return { query: coldQuery(size), variables: { after: cursorOf(`${NEW_START}${time}",0]`) } }
}

/** Returns Lua code as {@link coldBodies} does, for the operations of {@link newOperation}. */
export function newBodies(size: Size, start: number): string {
  const time = `os.date("!%Y-%m-%dT%H:%M:%S.000Z", ${NEWEST_ROW} + 1 - number * ${SELECTIONS[size].first})`
  return bodiesOf(size, start, NEW_START, `${time} .. '",0]'`)
}

/** Number of pages of new rows. */
export function newPages(size: Size): number {
  return Math.floor(NEW_ROWS / SELECTIONS[size].first)
}

/** Number of operations of a case with a variety of operations. */
export const OPERATIONS = 1000

/** Returns Lua code that defines a function `body`, which draws one of {@link OPERATIONS} operations at each call. */
export function drawnBodies(size: Size, variety: 'uniform' | 'zipf'): string {
  const bodies = Array.from({ length: OPERATIONS }, (_, number) => `[==[${JSON.stringify(coldOperation(size, number))}]==]`)
  const weight = variety === 'zipf' ? '1 / place' : '1'
  return `local bodies = { ${bodies.join(', ')} }
local sums = {}
local sum = 0
for place = 1, #bodies do
  sum = sum + ${weight}
  sums[place] = sum
end
local function body()
  local drawn = math.random() * sum
  local low, high = 1, #bodies
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sums[middle] < drawn then low = middle + 1 else high = middle end
  end
  return bodies[low]
end`
}

/**
 * @param cursorStart Common start of the cursors.
 * @param cursorEnd Lua code for the rest of the cursor, by the variable `number`.
 */
function bodiesOf(size: Size, start: number, cursorStart: string, cursorEnd: string): string {
  // Base64 encodes 3 bytes at a time. So all whole groups of 3 bytes in the common start of the cursors are encoded here.
  const length = cursorStart.length - (cursorStart.length % 3)
  const encoded = Buffer.from(cursorStart.slice(0, length)).toString('base64url')
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
  local rest = ${cursorEnd}
  number = number + 1
  return [==[${before}]==] .. base64url([==[${cursorStart.slice(length)}]==] .. rest) .. [==["}}]==]
end`
}

export function nameOf({ temperature, size, method, variety }: Case): string {
  return [temperature, size, method, ...(variety ? [variety] : [])].join(' ')
}

function coldQuery(size: Size): string {
  const { first, fields } = SELECTIONS[size]
  return `query ($after: String) { campaigns(first: ${first}, after: $after) { nodes { ${fields} } } }`
}

import type { Place } from './database.ts'
import type { Launch } from './launch.ts'

export type Temperature = 'hot' | 'l2' | 'cold'
export type Size = 'small' | 'list'
export type Method = 'post' | 'get' | '304'

/** One thing to ask, in one way, of caches in one state. */
export interface Case {
  readonly temperature: Temperature
  readonly size: Size
  readonly method: Method
}

export interface Contestant {
  readonly name: string
  readonly launch: (place: Place) => Launch
  /** The cases it takes part in. */
  readonly takes: (kase: Case) => boolean
  /** What X-Cache-Level says of an answer in time, where the server says it. */
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

const STATUSES = ['DRAFT', 'ACTIVE', 'PAUSED', 'ARCHIVED'] as const
/** Repeated statuses, which make another list of the same rows: as many as 4 to this power. */
const REPEATED = 15

/** A GraphQL request. */
export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** The operation whose answer is kept by whoever caches. */
export function hotOperation(size: Size): Operation {
  const { first, fields } = SELECTIONS[size]
  return { query: `{ campaigns(first: ${first}) { nodes { ${fields} } } }` }
}

/** The same answer by an operation that was never asked before, if `number` was not: from 0 to 4^15. */
export function coldOperation(size: Size, number: number): Operation {
  const repeated = Array.from({ length: REPEATED }, (_, place) => STATUSES[Math.floor(number / 4 ** place) % 4])
  return { query: coldQuery(size), variables: { filter: { status: [...STATUSES, ...repeated] } } }
}

/** A Lua function body that gives the same operations as {@link coldOperation}, from `start` on, as request bodies. */
export function coldBodies(size: Size, start: number): string {
  const before = JSON.stringify({ query: coldQuery(size), variables: { filter: { status: STATUSES } } }).slice(0, -4)
  return `local names = { "${STATUSES.join('", "')}" }
local number = ${start}
local function body()
  local repeated, rest = {}, number
  for place = 1, ${REPEATED} do
    repeated[place] = names[rest % 4 + 1]
    rest = math.floor(rest / 4)
  end
  number = number + 1
  return [==[${before},"]==] .. table.concat(repeated, '","') .. [==["]}}}]==]
end`
}

export function nameOf({ temperature, size, method }: Case): string {
  return `${temperature} ${size} ${method}`
}

function coldQuery(size: Size): string {
  const { first, fields } = SELECTIONS[size]
  return `query ($filter: CampaignFilter) { campaigns(first: ${first}, filter: $filter) { nodes { ${fields} } } }`
}

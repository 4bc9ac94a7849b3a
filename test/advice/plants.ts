import { type SetUp, withArguments, withDirective, withNewArgument } from './set-up.ts'

/** A mistake in a set-up, and what the advisor must say about it. */
export interface Plant {
  readonly mistake: string
  readonly plant: (tuned: SetUp) => SetUp
  readonly code: string
  readonly subject: string
  /** The text that the advisor must give to copy. */
  readonly text: RegExp
}

const inSdl =
  (change: (sdl: string) => string): Plant['plant'] =>
  (tuned) => ({ ...tuned, sdl: change(tuned.sdl) })
const given = (field: string, text: string) => inSdl((sdl) => withArguments(sdl, field, text))

export const PLANTS: readonly Plant[] = [
  {
    mistake: 'a TTL of one second on a table that nobody writes to',
    plant: given('Query.rates', 'l1: 1, l2: 1'),
    code: 'longer-ttl',
    subject: 'Query.rates',
    text: /^l1: (\d+), l2: \1$/,
  },
  {
    mistake: 'a dependency of a list of a row on a whole type',
    plant: given('Shop.items', 'depends: ["Item"]'),
    code: 'narrower-depends',
    subject: 'Shop.items',
    text: /^depends: \["Item\[shop_id: \$parent\.id\]"\]$/,
  },
  {
    mistake: 'a dependency on a whole type where an argument selects the rows',
    plant: given('Query.items', 'depends: ["Item"]'),
    code: 'narrower-depends',
    subject: 'Query.items',
    text: /^depends: \["Item\[kind: \$args\.kind\]"\]$/,
  },
  {
    mistake: 'an argument that makes every key new',
    plant: inSdl((sdl) => withNewArgument(sdl, 'Query.feed', 'asOf: String')),
    code: 'fewer-arguments',
    subject: 'Query.feed',
    text: /^asOf$/,
  },
  {
    mistake: 'a value cached for each user that depends only on the tenant',
    plant: given('Query.inbox', 'scope: USER'),
    code: 'wider-scope',
    subject: 'Query.inbox',
    text: /^scope: TENANT$/,
  },
  {
    mistake: 'a list that is void before it is read again',
    plant: inSdl((sdl) => withDirective(sdl, 'Query.ticker', '@cache(l1: 60, l2: 300, depends: ["Quote"])')),
    code: 'do-not-cache',
    subject: 'Query.ticker',
    text: /"coordinate":"Query\.ticker","values":\{"l1":0,"l2":0\}/,
  },
  {
    mistake: 'too little memory',
    plant: (tuned) => ({ ...tuned, memoryBytes: 200_000, isShared: false }),
    code: 'more-memory',
    subject: 'CACHE_MEMORY_BYTES',
    text: /^CACHE_MEMORY_BYTES=\d+$/,
  },
  {
    mistake: 'a TTL of a second for what is known to be absent',
    plant: given('Query.coupon', 'negative: 1'),
    code: 'longer-negative-ttl',
    subject: 'Query.coupon',
    text: /^negative: \d+$/,
  },
  {
    mistake: 'a popular value that lives no longer than a rare one',
    plant: given('Query.search', 'l1: 30, l2: 60, popular: 60'),
    code: 'longer-popular-ttl',
    subject: 'Query.search',
    text: /^popular: \d+$/,
  },
  {
    mistake: 'a field with slow loads that is not cached',
    plant: inSdl((sdl) => withDirective(sdl, 'Query.report', '')),
    code: 'add-policy',
    subject: 'Query.report',
    text: /^@cache\(l1: 60, l2: 300, scope: TENANT, depends: \["Report~"\]\)$/,
  },
]

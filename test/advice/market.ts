import { anyChangeTag, declareEntity, dimensionTag, type Entity, listTag, rowTag } from '#src/engine/cache/index.ts'
import { seededRandom } from '../../k6/parts/random.ts'

export const TENANT = 'acme'

const entityOf = (type: string, table: string, dimensions: readonly string[]) =>
  declareEntity({ type, table, tenantColumn: 'tenant_id', idColumn: 'id', dimensions, listed: [...dimensions, 'rank'] })

/** Tables of a small market. Any change of a row changes its rank, by which lists are sorted. */
export const ENTITIES = {
  Rate: entityOf('Rate', 'rates', ['country']),
  Shop: entityOf('Shop', 'shops', []),
  Item: entityOf('Item', 'items', ['shop_id', 'kind']),
  Story: entityOf('Story', 'stories', ['topic']),
  Message: entityOf('Message', 'messages', ['folder']),
  Quote: entityOf('Quote', 'quotes', []),
  Page: entityOf('Page', 'pages', ['slug']),
  Coupon: entityOf('Coupon', 'coupons', ['code']),
  Result: entityOf('Result', 'results', []),
  Report: entityOf('Report', 'reports', ['year']),
} as const satisfies Record<string, Entity>

/** A schema whose cache policies fit {@link traffic}. */
export const TUNED = /* GraphQL */ `
  type Query {
    rates(country: String!): [Rate!]! @cache(l1: 7200, l2: 14400, depends: ["Rate[country: $args.country]"])
    items(kind: String!): [Item!]! @cache(l1: 7200, l2: 14400, depends: ["Item[kind: $args.kind]"])
    feed(topic: String!): [Story!]! @cache(l1: 7200, l2: 14400, depends: ["Story[topic: $args.topic]"])
    inbox(folder: String!): [Message!]! @cache(l1: 7200, l2: 14400, scope: TENANT, depends: ["Message[folder: $args.folder]"])
    ticker: [Quote!]!
    page(slug: String!): [Page!]! @cache(l1: 7200, l2: 14400, depends: ["Page[slug: $args.slug]"])
    coupon(code: String!): Coupon @cache(l1: 7200, l2: 14400, negative: 7200, depends: ["Coupon[code: $args.code]"])
    search(query: String!): [Result!]! @cache(l1: 7200, l2: 14400, popular: 14400, popularBy: "$args.query", depends: ["Result"])
    report(year: String!): Report @cache(l1: 7200, l2: 14400, depends: ["Report[year: $args.year]"])
    mine: [Message!]! @cache(l1: 600, l2: 0, scope: USER, depends: ["Message~"])
  }
  type Rate { id: ID! }
  type Shop { id: ID!, items: [Item!]! @cache(l1: 7200, l2: 14400, depends: ["Item[shop_id: $parent.id]"]) }
  type Item { id: ID! }
  type Story { id: ID! }
  type Message { id: ID! }
  type Quote { id: ID! }
  type Page { id: ID! }
  type Coupon { id: ID! }
  type Result { id: ID! }
  type Report { id: ID! }
`

/** A read of one field, or a write of one row. */
export type Happening = { readonly at: number } & (
  | {
      readonly kind: 'read'
      readonly field: string
      readonly parent?: string
      readonly args: Readonly<Record<string, string>>
      readonly user: string
    }
  | { readonly kind: 'write'; readonly entity: Entity; readonly id: number; readonly row: Readonly<Record<string, string>> }
)

/** Length of the traffic, ms. */
export const TRAFFIC_MS = 2 * 60 * 60 * 1000

/**
 * Returns two hours of reads and writes at random times. Some keys are read far more often than others, and each read comes from one of
 * 40 users. @param size Number of reads of most fields.
 */
export function traffic(seed: number, size: number): readonly Happening[] {
  const random = seededRandom(seed)
  const at = () => Math.floor(random() * TRAFFIC_MS)
  /** Number from 0, the small ones more often. */
  const skewed = (count: number) => Math.floor(count * random() ** 2)
  const user = () => `u${Math.floor(random() * 40)}`
  const read = (field: string, args: Readonly<Record<string, string>>, parent?: string): Happening =>
    parent === undefined
      ? { at: at(), kind: 'read', field, args, user: user() }
      : { at: at(), kind: 'read', field, args, parent, user: user() }
  const write = (entity: Entity, id: number, row: Readonly<Record<string, string>> = {}): Happening => ({
    at: at(),
    kind: 'write',
    entity,
    id,
    row,
  })
  const times = (count: number, make: (index: number) => Happening) => Array.from({ length: Math.round(count) }, (_, index) => make(index))
  const shopOf = () => `${Math.floor(random() * 40)}`
  return [
    ...times(size, () => read('Query.rates', { country: `c${skewed(20)}` })),
    ...times(size, () => read('Shop.items', {}, `${skewed(10)}`)),
    ...times(size, () => read('Query.items', { kind: `k${skewed(8)}` })),
    ...times(size * 0.6, (index) => write(ENTITIES.Item, index, { shop_id: shopOf(), kind: `k${Math.floor(random() * 40)}` })),
    ...times(size, (index) => read('Query.feed', { topic: `t${skewed(15)}`, asOf: `moment ${index}` })),
    ...times(size * 0.05, () => write(ENTITIES.Story, 1, { topic: `t${skewed(15)}` })),
    ...times(size, () => read('Query.inbox', { folder: `f${skewed(6)}` })),
    ...times(size * 0.05, () => write(ENTITIES.Message, 1, { folder: `f${skewed(6)}` })),
    // A field of each user that only one user reads.
    ...times(size * 2, () => ({ ...read('Query.mine', {}), user: 'u0' })),
    // A page that polls: each read comes after several writes.
    ...times(size, (index) => ({ ...read('Query.ticker', {}), at: Math.floor(((index + random() / 3) / size) * TRAFFIC_MS) })),
    ...times(size * 10, () => write(ENTITIES.Quote, 1)),
    ...times(size * 2, () => read('Query.page', { slug: `p${skewed(size / 3)}` })),
    ...times(size, () => read('Query.coupon', { code: `x${skewed(30)}` })),
    ...times(size * 0.05, () => write(ENTITIES.Coupon, 1, { code: `x${5 * skewed(6)}` })),
    ...times(size * 2, () => read('Query.search', { query: `q${skewed(5)}` })),
    ...times(size * 0.2, (index) => read('Query.search', { query: `rare ${index}` })),
    ...times(size, () => read('Query.report', { year: `${2000 + skewed(10)}` })),
    ...times(size * 0.02, (index) => write(ENTITIES.Report, index, { year: `${2000 + skewed(10)}` })),
  ].toSorted((a, b) => a.at - b.at)
}

/** Rows of the market: a number for each row that a field can select, which a write changes. */
export class Rows {
  readonly #versions = new Map<string, number>()
  #written = 0

  /** Changes a row, and returns the tags that the triggers of the database emit for it. */
  write(entity: Entity, id: number, row: Readonly<Record<string, string>>): readonly string[] {
    this.#written++
    for (const [column, value] of Object.entries(row)) this.#versions.set(`${entity.type}.${column}=${value}`, this.#written)
    this.#versions.set(entity.type, this.#written)
    const lists = entity.dimensions.map((column) => dimensionTag(entity, TENANT, column, row[column] ?? null))
    return [rowTag(entity, TENANT, id), anyChangeTag(entity, TENANT), listTag(entity, TENANT), ...lists]
  }

  /** Returns what a field loads: it depends on the rows that its arguments or its parent select. */
  load(field: string, parent: string | undefined, args: Readonly<Record<string, string>>): unknown {
    const version = (rows: string) => this.#versions.get(rows) ?? 0
    const list = (rows: string, bytes = 100) => [{ id: rows, version: version(rows), text: 'x'.repeat(bytes) }]
    switch (field) {
      case 'Query.rates':
        return list(`Rate.country=${args['country']}`)
      case 'Shop.items':
        return list(`Item.shop_id=${parent}`)
      case 'Query.items':
        return list(`Item.kind=${args['kind']}`)
      case 'Query.feed':
        return list(`Story.topic=${args['topic']}`)
      case 'Query.inbox':
        return list(`Message.folder=${args['folder']}`)
      case 'Query.mine':
        return list('Message')
      case 'Query.ticker':
        return list('Quote')
      case 'Query.page':
        return list(`Page.slug=${args['slug']}`, 1000)
      case 'Query.coupon':
        // One in five codes exists.
        return /[05]$/.test(args['code'] ?? '') ? list(`Coupon.code=${args['code']}`) : null
      case 'Query.search':
        return list(`Result of ${args['query']}`)
      case 'Query.report':
        return list(`Report.year=${args['year']}`, 300)
      default:
        throw new Error(`The market has no field ${field}.`)
    }
  }
}

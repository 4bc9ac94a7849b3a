import { amountRange, DocumentReader, type Parsed, type Path } from '../document.ts'
import { type Condition, readCondition } from './condition.ts'

/**
 * Ways to rank the buyers of one tier: by price; by price times the share of the buyer's calls that were sold; or at random, each buyer first
 * as often as its weight says.
 */
export const strategies = ['HIGHEST_BID', 'EXPECTED_REVENUE', 'WEIGHTED'] as const
export type Strategy = (typeof strategies)[number]

/** A buyer in a plan. */
export interface Target {
  readonly buyerId: number
  /** Buyers of a lower tier come first. */
  readonly tier: number
  readonly weight: number
  /** Price in place of the buyer's own, minor units; null leaves the buyer's own. */
  readonly price: number | null
  /** The buyer's price must be at least this, minor units. */
  readonly minimumPrice: number | null
  readonly conditions: Condition | null
}

/** A routing plan. */
export interface PlanDocument {
  readonly strategy: Strategy
  /** Time in which a reservation can be posted. */
  readonly reservationSeconds: number
  /** Minimum price of every buyer, minor units. */
  readonly minimumPrice: number | null
  /** Buyers in the plan. If there are none, all active buyers are, in tier 1 and with weight 1. */
  readonly targets: readonly Target[]
}

/** Plan of a campaign that names none: all active buyers by price. */
export const defaultPlan: PlanDocument = { strategy: 'HIGHEST_BID', reservationSeconds: 60, minimumPrice: null, targets: [] }

export const planLimits = { targets: 1000, tier: 100, weight: 1000, reservationSeconds: { min: 5, max: 600, unit: 'seconds' } } as const

const distinctBuyers = {
  by: ({ buyerId }: Target) => String(buyerId),
  path: ['buyerId'],
  problem: () => 'Expected each buyer once, but this one is in the list before. Keep one of the targets.',
}

/** Reads the id of a buyer; returns undefined if it is none. */
export type ReadBuyerId = (given: unknown) => number | undefined

/**
 * Reads a plan from unknown JSON and fills in its defaults.
 * @param readBuyerId Reads a buyer's id in the form of the given document. Default: the id of a row, as stored documents have it.
 */
export function parsePlan(given: unknown, readBuyerId: ReadBuyerId = rowId): Parsed<PlanDocument> {
  const reader = new DocumentReader()
  const fields = reader.object(given, [], ['strategy', 'reservationSeconds', 'minimumPrice', 'targets'])
  if (!fields) return reader.result<PlanDocument>(undefined)
  const strategy = reader.choice(fields.strategy, ['strategy'], strategies)
  const reservationSeconds = reader.optional(fields.reservationSeconds, (value) =>
    reader.integer(value, ['reservationSeconds'], planLimits.reservationSeconds),
  )
  const minimumPrice = reader.optional(fields.minimumPrice, (value) => reader.integer(value, ['minimumPrice'], amountRange))
  const targets = reader.optional(fields.targets, (value) =>
    reader.list(value, ['targets'], { max: planLimits.targets, distinct: distinctBuyers }, (item, path) =>
      readTarget(reader, item, path, readBuyerId),
    ),
  )
  if (strategy === undefined || reservationSeconds === undefined || minimumPrice === undefined || targets === undefined)
    return reader.result<PlanDocument>(undefined)
  return reader.result({
    strategy,
    reservationSeconds: reservationSeconds ?? defaultPlan.reservationSeconds,
    minimumPrice,
    targets: targets ?? [],
  })
}

function readTarget(reader: DocumentReader, given: unknown, path: Path, readBuyerId: ReadBuyerId): Target | undefined {
  const fields = reader.object(given, path, ['buyerId', 'tier', 'weight', 'price', 'minimumPrice', 'conditions'])
  if (!fields) return undefined
  const whole = (key: 'tier' | 'weight') =>
    reader.optional(fields[key], (value) => reader.integer(value, [...path, key], { min: 1, max: planLimits[key] }))
  const amount = (key: 'price' | 'minimumPrice') =>
    reader.optional(fields[key], (value) => reader.integer(value, [...path, key], amountRange))
  const buyerId = readBuyerId(fields.buyerId) ?? reader.unexpected([...path, 'buyerId'], 'the id of a buyer', fields.buyerId)
  const [tier, weight, price, minimumPrice] = [whole('tier'), whole('weight'), amount('price'), amount('minimumPrice')]
  const conditions = reader.optional(fields.conditions, (value) => readCondition(reader, value, [...path, 'conditions']))
  if (buyerId === undefined || tier === undefined || weight === undefined) return undefined
  if (price === undefined || minimumPrice === undefined || conditions === undefined) return undefined
  return { buyerId, tier: tier ?? 1, weight: weight ?? 1, price, minimumPrice, conditions }
}

function rowId(given: unknown): number | undefined {
  return typeof given === 'number' && Number.isSafeInteger(given) && given > 0 ? given : undefined
}

import type { RuleSetDocument } from '../rules/compliance/rule-set-document.ts'
import type { Cap, DuplicateWindow } from '../rules/routing/candidate.ts'
import type { Condition } from '../rules/routing/condition.ts'
import type { PlanDocument } from '../rules/routing/plan-document.ts'
import { type Schedule, type Weekday, weekdays } from '../rules/routing/schedule.ts'
import { drawQuantile, WeightedChoice } from './distributions.ts'
import { buyerWeights } from './draft-tenants.ts'
import { priceFactors, quantileLevels } from './figures.ts'
import { SAMPLE_LIST } from './insert-dnc-list.ts'
import type { MarketBuyer } from './market.ts'
import { tenantNames } from './names.ts'
import type { Random } from './random.ts'
import type { SeedPlan } from './seed-options.ts'
import { trades } from './trades.ts'

/** Terms on which a buyer takes routed calls. */
export interface BuyerTerms {
  readonly priceMinor: number
  readonly timeZone: string
  readonly schedule: Schedule | null
  readonly caps: readonly Cap[]
  readonly duplicates: DuplicateWindow | null
  readonly conditions: Condition | null
}

/** Time zones of buyers, with a weight that is roughly the share of the residents of the United States. */
const zones = { 'America/New_York': 0.47, 'America/Chicago': 0.29, 'America/Los_Angeles': 0.17, 'America/Denver': 0.07 } as const

const workdays = weekdays.slice(0, 5)

/** Drafts the terms of all buyers, in the order in which the buyers are drafted. */
export function draftBuyerTerms(plan: SeedPlan, random: Random): BuyerTerms[] {
  const prices = trades.map(({ medianPriceMinor }) => medianPriceMinor).toSorted((a, b) => a - b)
  const median = prices[Math.floor(prices.length / 2)] as number
  const zoneChoice = new WeightedChoice(Object.values(zones))
  const year = new Date(plan.now).getUTCFullYear()
  const holidays = [year, year + 1].flatMap((each) => [`${each}-01-01`, `${each}-07-04`, `${each}-12-25`])
  return tenantNames.slice(0, plan.tenants).flatMap(({ priceLevel }) =>
    Array.from({ length: plan.buyersPerTenant }, () => {
      const priceMinor = 10 * Math.max(1, Math.round((median * priceLevel * drawQuantile(random, quantileLevels, priceFactors)) / 10))
      return {
        priceMinor,
        timeZone: Object.keys(zones)[zoneChoice.draw(random)] as string,
        schedule: drawSchedule(random, holidays),
        caps: drawCaps(random, priceMinor),
        duplicates: random.chance(0.5)
          ? {
              scope: random.pick(['BUYER', 'CAMPAIGN'] as const),
              days: random.pick([7, 30, 90]),
              by: random.pick(['CONNECTED', 'CONVERTED'] as const),
            }
          : null,
        conditions: random.chance(0.1) ? { attribute: 'state', operator: '!=', value: random.pick(['CA', 'FL', 'NY', 'TX']) } : null,
      }
    }),
  )
}

/** Draws opening hours. Most buyers are always open, so that somebody takes a call at any time. */
function drawSchedule(random: Random, holidays: readonly string[]): Schedule | null {
  const drawn = random.next()
  const hours = (days: readonly Weekday[], from: string, until: string) => days.map((day) => ({ day, from, until }))
  if (drawn < 0.6) return null
  if (drawn < 0.8) return { hours: hours(workdays, '08:00', '18:00'), holidays }
  return { hours: [...hours(workdays, '07:00', '22:00'), ...hours(['SATURDAY', 'SUNDAY'], '09:00', '20:00')], holidays: [] }
}

function drawCaps(random: Random, priceMinor: number): Cap[] {
  const caps: Cap[] = []
  if (random.chance(0.6)) caps.push({ period: 'DAY', counts: 'CONVERSIONS', maximum: random.integer(4, 40) * 5 })
  if (random.chance(0.3)) caps.push({ period: 'HOUR', counts: 'ATTEMPTS', maximum: random.integer(10, 60) })
  if (random.chance(0.4)) caps.push({ period: 'MONTH', counts: 'MONEY', maximum: random.integer(2, 20) * 100 * priceMinor })
  return caps
}

/** Drafts a plan: the four largest buyers come first, all others second. Within a tier the highest price wins. */
export function draftPlan(buyers: readonly MarketBuyer[]): PlanDocument {
  const weights = buyerWeights(buyers.length)
  const targets = buyers.map(({ id }, index) => ({
    buyerId: id,
    tier: index < 4 ? 1 : 2,
    weight: Math.max(1, Math.round(1000 * (weights[index] as number))),
    price: null,
    minimumPrice: null,
    conditions: null,
  }))
  return { strategy: 'HIGHEST_BID', reservationSeconds: 60, minimumPrice: null, targets }
}

/**
 * Drafts rules that allow calls at any time of day, except to states whose law has calling hours of its own: Florida (501.059(8)(a)),
 * Oklahoma (775C.3) and Maryland (14-4502), each from 8 a.m. to 8 p.m. Callers on the do-not-call list of the sample data are refused.
 */
export function draftRules(): RuleSetDocument {
  const open = { attempts: [], consentRequired: false, dncLists: [], refuse: [] }
  const callingHours = { hours: weekdays.map((day) => ({ day, from: '08:00', until: '20:00' })), holidays: [] }
  const states = ['FL', 'MD', 'OK'].map((state) => ({ state, ...open, callingHours, attempts: [{ maximum: 3, hours: 24 }] }))
  return { ...open, dncLists: [SAMPLE_LIST], callingHours: null, attempts: [{ maximum: 10, hours: 24 }], states }
}

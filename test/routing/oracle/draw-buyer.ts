import { type OpeningHours, weekdays } from '#src/market/rules/routing/schedule.ts'
import type { Chance } from './random.ts'
import type { BuyerSettings } from './world.ts'

const ZONES = ['America/New_York', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC']
const COUNTED = ['ATTEMPTS', 'CONNECTIONS', 'CONVERSIONS', 'MONEY'] as const
const PERIODS = ['HOUR', 'DAY', 'MONTH', 'TOTAL'] as const

/** Draws settings with limits that a few calls use up. */
export function drawBuyer(chance: Chance): BuyerSettings {
  const counts = chance.pick(COUNTED)
  const maximum = counts === 'MONEY' ? 200 + chance.below(1500) : 1 + chance.below(8)
  return {
    active: chance.isTrue(0.9),
    states: chance.isTrue(0.3) ? ['CA', 'NY'] : [],
    priceMinor: 1 + chance.below(300),
    maxConcurrentCalls: 1 + chance.below(4),
    timeZone: chance.pick(ZONES),
    schedule: chance.isTrue(0.4) ? { hours: drawHours(chance), holidays: chance.isTrue(0.2) ? ['2026-03-08'] : [] } : null,
    caps: chance.isTrue(0.7) ? [{ period: chance.pick(PERIODS), counts, maximum }] : [],
    duplicates: chance.isTrue(0.5)
      ? {
          scope: chance.pick(['BUYER', 'CAMPAIGN'] as const),
          days: 1 + chance.below(3),
          by: chance.pick(['CONNECTED', 'CONVERTED'] as const),
        }
      : null,
  }
}

function drawHours(chance: Chance): readonly OpeningHours[] {
  const from = chance.below(10)
  const [start, end] = [from, from + 8 + chance.below(6)].map((hour) => `${String(hour).padStart(2, '0')}:00`)
  return weekdays.map((day) => ({ day, from: start ?? '00:00', until: end ?? '24:00' }))
}

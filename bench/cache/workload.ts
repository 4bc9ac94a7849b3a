import { MemoryLog } from '#src/engine/cache/index.ts'
import type { Terms } from './contestant.ts'
import type { Row } from './measure.ts'

/** Conditions of a run of the benchmark, passed to every part. */
export interface Conditions {
  readonly redisUrl: string
  readonly rounds: number
  /** Whether to run fewer operations, which gives less exact results in less time. */
  readonly quick: boolean
}

/** A part of the benchmark. Its result is one table. */
export interface Part {
  readonly name: string
  readonly title: string
  measure(conditions: Conditions): Promise<readonly Row[]>
}

/** Returns an object of about a kilobyte of JSON with twenty properties, like a row of a business table. */
function thingOf(id: number) {
  return {
    id,
    tenantId: 'acme',
    name: `Campaign number ${id} of the autumn season`,
    status: id % 3 === 0 ? 'paused' : 'active',
    description: `What the campaign is about, who it is for and how long it is meant to run, in a sentence or two. No. ${id}.`,
    owner: { id: `user-${id % 97}`, name: 'Ada Lovelace', email: `ada.${id % 97}@example.com` },
    budget: { amount: 125_000 + id, currency: 'EUR', spent: 48_211 },
    keywords: ['autumn', 'shoes', 'outdoor', 'sale', `k${id % 13}`, 'running', 'hiking', 'waterproof'],
    domains: ['example.com', 'example.org', 'shop.example.net'],
    url: `https://shop.example.com/campaigns/${id}/landing?utm_source=newsletter&utm_medium=email`,
    image: `https://images.example.com/c/${id}/cover-1200x630.jpg`,
    createdAt: '2026-01-14T08:12:45.123Z',
    updatedAt: '2026-03-02T17:45:09.871Z',
    version: 12,
    clicks: 98_211 + id,
    impressions: 1_882_231,
    rate: 0.05217,
    archived: false,
    parentId: null,
    labels: { region: 'eu-central', tier: 'gold', channel: 'search' },
  }
}

/** A source of values that counts how often it is loaded from. */
export class CountingSource {
  loads = 0

  load = async (id: number): Promise<unknown> => {
    this.loads++
    return thingOf(id)
  }

  loadMany = async (ids: readonly number[]): Promise<readonly unknown[]> => {
    this.loads += ids.length
    return ids.map(thingOf)
  }
}

/** Returns the setup that most parts use: both tiers, entries that do not expire during the measurement, and no background work. */
export function usualTerms(redisUrl: string, prefix: string, source: Pick<Terms, 'load' | 'loadMany'>): Terms {
  return {
    tiers: 'both',
    redisUrl,
    prefix: `bench-${prefix}`,
    ttlMs: 3_600_000,
    staleMs: 0,
    refreshAheadMs: 0,
    capacity: 200_000,
    bus: false,
    log: new MemoryLog(),
    load: source.load,
    loadMany: source.loadMany,
  }
}

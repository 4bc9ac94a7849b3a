import { setTimeout as pause } from 'node:timers/promises'
import { type Figures, figuresOf } from './figures.ts'
import { type LoadParams, sendPings } from './load.ts'
import { listedCallers } from './market.ts'
import { Observer } from './observer.ts'
import type { BenchOptions } from './options.ts'
import { type Place, startPlace } from './place.ts'

/** Figures of all runs, of the tenant with rules and of the one without. */
export interface TurnFigures {
  readonly ruled: readonly Figures[]
  readonly plain: readonly Figures[]
}

const LISTED = 100_000
/** Each tenant gets pings for so long before the first run, which do not count: the caches fill, and functions are compiled. */
const FIRST_WARM_UP_MS = 10_000
/** Before each run, for the connections and the pages of the tenant. */
const WARM_UP_MS = 3000

/** Measures pings to the tenant with rules and to the one without, in turns. */
export async function measureTurns(options: BenchOptions, onProgress: (line: string) => void): Promise<TurnFigures> {
  const { buyers, strategy, runs, seconds } = options
  const place = await startPlace({ buyers, strategy, listed: listedCallers(1, LISTED) })
  try {
    const observer = await Observer.open(place)
    try {
      const figures = { ruled: [] as Figures[], plain: [] as Figures[] }
      for (let run = 0; run < runs; run++)
        for (const market of run % 2 === 0 ? (['ruled', 'plain'] as const) : (['plain', 'ruled'] as const)) {
          const params = await loadParams(place, market, options)
          await sendPings(params, pause(run === 0 ? FIRST_WARM_UP_MS : WARM_UP_MS))
          await observer.resetStatements()
          const observed = await observer.during(() => sendPings(params, pause(seconds * 1000)))
          const measured = figuresOf(observed.result, observed, seconds)
          figures[market].push(measured)
          onProgress(`run ${run + 1}, ${market}: p50 ${measured.p50.toFixed(1)} ms, p99 ${measured.p99.toFixed(1)} ms`)
          if (options.showsStatements) for (const line of await observer.topStatements()) onProgress(`  ${line}`)
        }
      return figures
    } finally {
      await observer.close()
    }
  } finally {
    await place.stop()
  }
}

/** Returns the load on one of the tenants. */
export async function loadParams(place: Place, name: keyof Place['markets'], { rate, posts }: BenchOptions): Promise<LoadParams> {
  const market = place.markets[name]
  return {
    gatewayUrl: place.gatewayUrl,
    authorization: await place.authorization(market),
    market,
    rate,
    posts,
    random: Math.random,
  }
}

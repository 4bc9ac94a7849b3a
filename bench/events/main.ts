/**
 * Measures how fast analytics events are stored and counted: `npm run bench:events -- [--only paths|rollups] [--seconds 5] [--rounds 9]`.
 * The part `paths` compares two ways to store events: commits that many calls share, and a Redis Stream that is synced to disk with each
 * write.
 * The part `rollups` measures the insertion of 5,000 events with and without the triggers that count the events per hour in the table
 * `event_hours`. For comparison, it measures how long the refresh of a materialised view takes.
 * The script starts PostgreSQL and Redis servers of its own.
 */
import { parseArgs } from 'node:util'
import { type EventMarket, startMarket } from './market.ts'
import { measurePaths } from './paths.ts'
import { measureRollups } from './rollups.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '9' },
  },
})

const parts: Readonly<Record<string, (market: EventMarket) => Promise<string>>> = {
  paths: (market) => measurePaths(market, Number(values.seconds) * 1000),
  rollups: (market) => measureRollups(market, Number(values.rounds)),
}

for (const name of values.only === undefined ? Object.keys(parts) : [values.only]) {
  const part = parts[name]
  if (!part) throw new Error(`--only: expected one of the parts ${Object.keys(parts).join(', ')}, got "${name}".`)
  const market = await startMarket()
  try {
    process.stdout.write(`${await part(market)}\n\n`)
  } finally {
    await market.stop()
  }
}

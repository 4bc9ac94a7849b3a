import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '#src/market/seed/random.ts'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import type { StoredValue } from './redis-contents.ts'
import { expectUnharmed, latencies, prepareSharing } from './shared-tier.ts'
import { runWorkload, startWorkload } from './workload.ts'

export const fault: Fault = {
  id: 'F15',
  title: "Redis gives truncated values, garbage, and other keys' values",
  run: async (context) => {
    const { database, settings, instances, contents, history } = await prepareSharing(context)
    const random = new Random(`damage ${context.seed}`)
    const baseline = await runWorkload({ instances, history, seed: context.seed, forMs: 2000 })
    const workload = startWorkload({ instances, history, seed: context.seed + 1 })
    const endsAt = performance.now() + (context.quick ? 4000 : 30_000)
    let damaged = 0
    while (performance.now() < endsAt) {
      const values = await contents.values()
      const chosen = values.filter(() => random.chance(0.5)).map((value) => damage(value, values, random))
      damaged += chosen.length
      await contents.put(chosen)
      await pause(50)
    }
    const during = await workload.stop()
    expectUnharmed(history, baseline, during)
    const stats = await Promise.all(instances.map((instance) => instance.stats()))
    const rejected = stats.reduce((sum, { events }) => sum + (events['tier-rejected'] ?? 0), 0)
    assert.ok(rejected > 0, 'what was refused is told as an event')
    const trusted = await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, undefined, { damaged, rejected, 'values in Redis': trusted, ...latencies(baseline, during) })
  },
}

function damage({ key, bytes }: StoredValue, all: readonly StoredValue[], random: Random): StoredValue {
  const kind = random.pick(['truncated', 'garbage', 'flipped', 'of another key', 'empty'])
  if (kind === 'truncated') return { key, bytes: bytes.subarray(0, random.integer(0, bytes.length - 1)) }
  if (kind === 'garbage') return { key, bytes: Buffer.from(Array.from({ length: bytes.length }, () => random.integer(0, 255))) }
  if (kind === 'of another key') return { key, bytes: random.pick(all).bytes }
  if (kind === 'empty') return { key, bytes: Buffer.alloc(0) }
  const flipped = Buffer.from(bytes)
  const at = random.integer(0, flipped.length - 1)
  flipped[at] = (flipped[at] as number) ^ (1 << random.integer(0, 7))
  return { key, bytes: flipped }
}

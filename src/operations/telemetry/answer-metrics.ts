import { Counter, type Registry } from 'prom-client'
import { LightHistogram } from './light-histogram.ts'
import type { UsageMeter } from './usage-meter.ts'

/**
 * Creates the metrics of responses. Statuses are counted in a plain map, which a scrape reads, because a labelled counter takes 1 µs.
 * @param atHand Returns the number of responses from the memory of this process.
 */
export function answerMetrics(registry: Registry, buckets: readonly number[], atHand: UsageMeter['atHand']) {
  const registers = [registry]
  const operations = new LightHistogram(
    'tidegate_operation_duration_seconds',
    'Duration of operations, by kind and by what the cache gave. Answers from memory are included.',
    buckets,
  )
  operations.register(registry)
  const hits = operations.series({ kind: 'query', cache: 'HIT' })
  const statuses = new Map<number, number>()
  new Counter({
    name: 'tidegate_answers_at_hand_total',
    help: 'Operations answered with a cached response before the document was parsed.',
    registers,
    collect() {
      this.reset()
      this.inc(atHand().requests)
    },
  })
  let recognised = 0
  new Counter({
    name: 'tidegate_answers_recognised_total',
    help: 'Operations answered with a cached response before HTTP was parsed. They are also counted as answers at hand.',
    registers,
    collect() {
      this.reset()
      this.inc(recognised)
    },
  })
  new Counter({
    name: 'tidegate_http_responses_total',
    help: 'HTTP responses, by status code.',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset()
      const { requests, notModified } = atHand()
      for (const [status, count] of [...statuses, [200, requests - notModified], [304, notModified]] as const)
        if (count > 0) this.inc({ status: String(status) }, count)
    },
  })
  return {
    operations,
    onHitDuration: (durationMs: number) => hits.observe(durationMs / 1000),
    onRecognised: () => void recognised++,
    onResponse: (status: number) => void statuses.set(status, (statuses.get(status) ?? 0) + 1),
  }
}

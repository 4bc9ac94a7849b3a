import { BestNames } from './best-names.ts'
import { distinctLabels, fittingTlds, namesOf } from './distinct-labels.ts'
import { type Candidate, type DomainConfig, limits, type Suggestion } from './domain-config.ts'
import { type Plan, planGeneration } from './plan.ts'
import type { Steps, WorkQueue } from './work-queue.ts'

export interface CandidateOptions {
  /** Maximum number of names in a batch. Default: 1,000. */
  readonly batchSize?: number
  /**
   * True if the caller keeps a database transaction open while it takes the batches. The batches are then made before all waiting work that
   * is not urgent.
   */
  readonly isUrgent?: boolean
}

/** Units of work (10 to 20 ms of CPU time) after which other callers in the queue get their turn, even if no batch is full yet. */
const UNITS_PER_TURN = 10_000

/**
 * Returns the best domain names, best first. Among names of equal score, shorter names come first, then alphabetical order decides. The
 * same configuration always gives the same result.
 * @throws GatewayError BAD_USER_INPUT for the configuration, OVERLOADED when too many callers are waiting already.
 */
export async function suggestDomains(config: DomainConfig, queue: WorkQueue, signal?: AbortSignal): Promise<Suggestion[]> {
  queue.checkRoom()
  const plan = planGeneration(config, {
    limit: limits.suggestions,
    defaultLimit: 50,
    units: limits.suggestedUnits,
    names: Number.POSITIVE_INFINITY,
  })
  return queue.run(suggestionSteps(plan), { units: plan.units, signal })
}

/**
 * Yields every domain name in batches of at most `batchSize`, sorted by pattern, then by words, then by top-level domain. Batches are made
 * on demand, so the complete list of names is never in memory. While the caller uses a batch, other callers can use the queue. Requesting a
 * batch rejects with OVERLOADED when too many callers are waiting already.
 * @throws GatewayError BAD_USER_INPUT if the configuration is invalid, before the first batch is requested.
 */
export function generateCandidates(config: DomainConfig, queue: WorkQueue, options: CandidateOptions = {}): AsyncIterable<Candidate[]> {
  const { batchSize = 1_000, isUrgent = false } = options
  const steps = candidateSteps(planCandidates(config))
  return inBatches(steps, Math.max(1, Math.floor(batchSize)), (batch) => queue.run(batch, { units: UNITS_PER_TURN, isUrgent }))
}

/** Yields the candidates of {@link generateCandidates} without a queue, for programs that serve no requests meanwhile. */
export function* listCandidates(config: DomainConfig): Generator<Candidate, void, void> {
  for (const step of candidateSteps(planCandidates(config))) if (typeof step !== 'number') yield step
}

function planCandidates(config: DomainConfig): Plan {
  return planGeneration(config, {
    limit: limits.generatedNames,
    defaultLimit: limits.generatedNames,
    units: limits.generatedUnits,
    names: limits.generatedNames,
  })
}

function* suggestionSteps(plan: Plan): Steps<Suggestion[]> {
  const best = new BestNames(plan)
  for (const { found, units } of distinctLabels(plan)) {
    if (found) best.offer(found)
    yield units
  }
  return yield* best.names()
}

/** Yields candidates. For work that produced no candidate, yields the number of units of that work instead. */
function* candidateSteps(plan: Plan): Generator<Candidate | number, void, void> {
  let left = plan.limit
  for (const { found, units } of distinctLabels(plan)) {
    yield units
    if (!found) continue
    for (const candidate of namesOf(found, fittingTlds(found, plan.tlds, plan.minScore))) {
      yield candidate
      left -= 1
      if (left === 0) return
    }
  }
}

async function* inBatches(
  steps: Generator<Candidate | number, void, void>,
  size: number,
  run: (steps: Steps<boolean>) => Promise<boolean>,
): AsyncGenerator<Candidate[], void, void> {
  for (let isDone = false; !isDone; ) {
    const batch: Candidate[] = []
    while (!isDone && batch.length < size) isDone = await run(fill(batch, size, steps))
    if (batch.length > 0) yield batch
  }
}

/** Fills the batch with candidates until it is full or the turn in the queue ends. @returns true when there are no more candidates. */
function* fill(batch: Candidate[], size: number, steps: Generator<Candidate | number, void, void>): Steps<boolean> {
  let units = 0
  while (batch.length < size && units < UNITS_PER_TURN) {
    const step = steps.next()
    if (step.done) return true
    const cost = typeof step.value === 'number' ? step.value : 1
    if (typeof step.value !== 'number') batch.push(step.value)
    units += cost
    yield cost
  }
  return false
}

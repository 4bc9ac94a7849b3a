import { BestNames } from './best-names.ts'
import { distinctLabels, fittingTlds, namesOf } from './distinct-labels.ts'
import { type Candidate, type DomainConfig, limits, type Suggestion } from './domain-config.ts'
import { type Plan, planGeneration } from './plan.ts'
import type { Steps, WorkQueue } from './work-queue.ts'

export interface CandidateOptions {
  /** By default 1,000. */
  readonly batchSize?: number
  /** True where a database transaction is open meanwhile: the batches are made before what others wait for. */
  readonly isUrgent?: boolean
}

/** Units of work before others have their turn, also where they made no full batch: 10 to 20 ms. */
const UNITS_PER_TURN = 10_000

/**
 * The best names, best first; among equals the shorter, then the alphabetically first. The same configuration always
 * gives the same answer.
 * @throws GatewayError BAD_USER_INPUT for the configuration, OVERLOADED when too many wait already.
 */
export async function suggestDomains(config: DomainConfig, queue: WorkQueue): Promise<Suggestion[]> {
  queue.checkRoom()
  const plan = planGeneration(config, {
    limit: limits.suggestions,
    defaultLimit: 50,
    units: limits.suggestedUnits,
    names: Number.POSITIVE_INFINITY,
  })
  return queue.run(suggestionSteps(plan), { units: plan.units })
}

/**
 * Every name, in the order pattern, words, top-level domain, in batches of at most `batchSize`; made as they are asked
 * for, so that the product is never held. The queue is free for others while a batch is used.
 * @throws GatewayError BAD_USER_INPUT at the call, before the first batch; OVERLOADED at a batch when too many wait already.
 */
export function generateCandidates(config: DomainConfig, queue: WorkQueue, options: CandidateOptions = {}): AsyncIterable<Candidate[]> {
  const { batchSize = 1_000, isUrgent = false } = options
  const steps = candidateSteps(planCandidates(config))
  return inBatches(steps, Math.max(1, Math.floor(batchSize)), (batch) => queue.run(batch, { units: UNITS_PER_TURN, isUrgent }))
}

/** The candidates of {@link generateCandidates} at once, for programs that serve nobody meanwhile. */
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

/** The candidates, and between them the units of the work that made none. */
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

/** @returns true when there are no more candidates. */
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

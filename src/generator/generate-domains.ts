import { BestSuggestions } from './best-suggestions.ts'
import { type Candidate, type DomainConfig, limits, type Suggestion } from './domain-config.ts'
import { toAsciiName, toUnicodeName } from './domain-name.ts'
import { combineWords, type Label } from './labels.ts'
import { type Plan, type PlannedTld, planGeneration } from './plan.ts'
import { scoreLabel } from './score.ts'

/**
 * The best names, best first; among equals the shorter, then the alphabetically first. The same configuration always
 * gives the same answer.
 * @throws GatewayError BAD_USER_INPUT
 */
export function suggestDomains(config: DomainConfig): Suggestion[] {
  const plan = planGeneration(config, {
    limit: limits.suggestions,
    defaultLimit: 50,
    labels: limits.suggestedLabels,
    names: limits.generatedNames,
  })
  const best = new BestSuggestions(plan.limit)
  const highestTld = plan.tlds[0]?.score ?? 0
  // Nearly all labels are passed over here, which keeps a large product from costing its size.
  for (const { label, points } of distinctLabels(plan, (reached) => reached + highestTld >= best.threshold)) {
    for (const tld of plan.tlds) {
      if (points + tld.score < Math.max(best.threshold, plan.minScore)) break
      const suggestion = nameOf(label, tld, points)
      if (suggestion) best.offer(suggestion)
    }
  }
  return best.sorted()
}

/**
 * Every name, in the order pattern, words, top-level domain, in batches of at most `batchSize`; made as they are asked
 * for, so that the product is never held.
 * @throws GatewayError BAD_USER_INPUT at the call, before the first batch.
 */
export function generateCandidates(config: DomainConfig, batchSize = 1_000): Iterable<Candidate[]> {
  const plan = planGeneration(config, {
    limit: limits.generatedNames,
    defaultLimit: limits.generatedNames,
    labels: limits.generatedLabels,
    names: limits.generatedNames,
  })
  return inBatches(candidates(plan), Math.max(1, Math.floor(batchSize)))
}

function* candidates(plan: Plan): Generator<Candidate> {
  let left = plan.limit
  const highestTld = plan.tlds[0]?.score ?? 0
  for (const { label, points } of distinctLabels(plan, (reached) => reached + highestTld >= plan.minScore)) {
    for (const tld of plan.tlds) {
      if (points + tld.score < plan.minScore) break
      const candidate = nameOf(label, tld, points)
      if (!candidate) continue
      yield candidate
      left -= 1
      if (left === 0) return
    }
  }
}

/**
 * Labels that are worth a look with their points. Different words can make the same name ("car" + "keys", "carkeys"):
 * the first is kept. What Unicode allows is asked last, because it costs most.
 */
function* distinctLabels(plan: Plan, isWorthALook: (points: number) => boolean): Generator<{ label: Label; points: number }> {
  const seen = new Set<string>()
  for (const pattern of plan.patterns) {
    for (const label of combineWords(pattern, plan.keywords)) {
      if (label.text.length > plan.maxLength || seen.has(label.text)) continue
      seen.add(label.text)
      const points = scoreLabel(label)
      if (!isWorthALook(points)) continue
      if (!isPlain(label.text)) {
        const name = toAsciiName(label.text)
        if (name === null || (name !== label.text && seen.has(name))) continue
        seen.add(name)
      }
      yield { label, points }
    }
  }
}

/** Null where IDNA or the DNS does not allow the name. */
function nameOf(label: Label, tld: PlannedTld, points: number): Suggestion | null {
  const plain = isPlain(label.text) && !tld.name.startsWith('xn--')
  const name = plain ? `${label.text}.${tld.name}` : toAsciiName(`${label.text}.${tld.name}`)
  if (name === null) return null
  return {
    name,
    unicodeName: plain ? name : toUnicodeName(name),
    sld: name.slice(0, name.length - tld.name.length - 1),
    tld: tld.name,
    terms: label.terms,
    pattern: label.pattern.text,
    score: points + tld.score,
  }
}

/** True of labels that every rule of IDNA passes unchanged: it saves the tables of Unicode for nearly all names. */
function isPlain(label: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label) && label.slice(2, 4) !== '--'
}

function* inBatches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

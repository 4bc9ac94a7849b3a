import { GatewayError } from '../../../errors.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { rangeErrors } from '../../../gateway/contract/range-input.ts'
import { notFound, type UserError, userError } from '../../../gateway/contract/user-error.ts'
import type { Candidate } from '../../rules/naming/domain-config.ts'
import { generateCandidates } from '../../rules/naming/generate-domains.ts'
import type { WorkQueue } from '../../rules/naming/work-queue.ts'
import { campaignRefusal, campaignState } from '../campaign-state.ts'
import { generatorErrors } from '../generator-input.ts'
import type { NoMore } from '../no-more.ts'
import type { GenerateDomainsInput } from '../schema-types.generated.ts'

/** Input of the mutation `generateDomains` without the campaign's id. */
export type GenerateInput = Omit<GenerateDomainsInput, 'campaignId'>

export interface Generated {
  readonly count: number
  /** Ids of the first new domains, at most {@link MAX_SHOWN} of them. */
  readonly domainIds: readonly number[]
  readonly errors: readonly UserError[]
}

const MAX_DOMAINS = 10_000
const MAX_SHOWN = 100
const BATCH = 500

/**
 * Maximum number of candidates (generated domain names) that one mutation tries to store. After so many candidates the mutation ends, even
 * with fewer new domains than requested, because more candidates are not worth a longer transaction.
 */
const MAX_CANDIDATES = 200_000

/**
 * Generates domain names and stores them in one database transaction, until the requested number of names is stored. Names that the tenant
 * already has are skipped. The candidates are generated in batches. For each batch, the transaction waits for its turn in the work queue.
 * So while the database stores a batch, other callers can use the queue.
 */
export async function generateDomains(write: WriteContext, queue: WorkQueue, campaignId: number, input: GenerateInput): Promise<Generated> {
  const campaign = await write.db
    .selectFrom('campaigns')
    .select(['keywords', 'tlds', 'patterns'])
    .where('tenantId', '=', write.tenant)
    .where('id', '=', campaignId)
    .forShare()
    .executeTakeFirst()
  if (!campaign) return nothing([notFound('campaign', ['input', 'campaignId'])])
  const state = await campaignState(write, campaignId)
  const refusal = state && campaignRefusal(state, 'DOMAINS', write.now)
  if (refusal !== undefined) return nothing([userError('INVALID_STATE', refusal, ['input', 'campaignId'])])
  const errors = inputErrors(input)
  if (errors.length > 0) return nothing(errors)

  const { limit, minScore, keywords, tlds, patterns: givenPatterns, ...others } = input
  others satisfies NoMore
  const patterns = givenPatterns ?? campaign.patterns
  const config = {
    keywords: keywords ?? campaign.keywords,
    tlds: tlds ?? campaign.tlds,
    minScore,
    // If the client and the campaign give no patterns, the generator takes patterns that suit the keywords.
    ...(patterns.length > 0 && { patterns }),
  }
  let batches: AsyncIterable<Candidate[]>
  try {
    batches = generateCandidates(config, queue, { batchSize: BATCH, isUrgent: true })
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'BAD_USER_INPUT') return nothing([userError('INVALID', error.message, ['input'])])
    throw error
  }
  const domainIds: number[] = []
  let count = 0
  let seen = 0
  for await (const batch of batches) {
    for (let start = 0; start < batch.length && count < limit; ) {
      const wanted = batch.slice(start, start + limit - count)
      start += wanted.length
      seen += wanted.length
      const stored = await store(write, campaignId, wanted)
      count += stored.length
      domainIds.push(...stored.slice(0, MAX_SHOWN - domainIds.length))
    }
    if (count >= limit || seen >= MAX_CANDIDATES) break
  }
  return { count, domainIds, errors: [] }
}

/** Stores the candidates as domains. Returns the ids of the new domains, in the order of the candidates. */
async function store({ db, tenant, now }: WriteContext, campaignId: number, candidates: readonly Candidate[]): Promise<number[]> {
  const at = new Date(now).toISOString()
  const rows = await db
    .insertInto('domains')
    .values(
      candidates.map(({ name, sld, tld, terms, score }) => ({
        tenantId: tenant,
        campaignId,
        name,
        sld,
        tld,
        terms: [...terms],
        score,
        popularityRank: null,
        createdAt: at,
        updatedAt: at,
      })),
    )
    .onConflict((conflict) => conflict.columns(['tenantId', 'name']).doNothing())
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

function inputErrors(input: GenerateInput): UserError[] {
  return [
    ...generatorErrors(input),
    ...rangeErrors(input.limit, { min: 1, max: MAX_DOMAINS, unit: 'domains' }, ['input', 'limit']),
    ...rangeErrors(input.minScore, { min: 0, max: 100 }, ['input', 'minScore']),
  ]
}

function nothing(errors: readonly UserError[]): Generated {
  return { count: 0, domainIds: [], errors }
}

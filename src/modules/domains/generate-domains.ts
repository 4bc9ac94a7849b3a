import { GatewayError } from '../../errors.ts'
import type { Candidate } from '../../generator/domain-config.ts'
import { generateCandidates } from '../../generator/generate-domains.ts'
import type { WorkQueue } from '../../generator/work-queue.ts'
import { generatorErrors } from '../generator-input.ts'
import type { WriteContext } from '../module.ts'
import { type UserError, userError } from '../user-error.ts'

export interface GenerateInput {
  readonly limit: number
  readonly keywords?: readonly string[] | null | undefined
  readonly tlds?: readonly string[] | null | undefined
  readonly patterns?: readonly string[] | null | undefined
  readonly minScore: number
}

export interface Generated {
  readonly count: number
  /** The first ones, at most {@link MAX_SHOWN}. */
  readonly domainIds: readonly number[]
  readonly errors: readonly UserError[]
}

const MAX_DOMAINS = 10_000
const MAX_SHOWN = 100
const BATCH = 500

/** After so many names that exist already the rest is not worth a longer transaction. */
const MAX_CANDIDATES = 200_000

/**
 * Stores the first names that the tenant does not have yet, in one transaction: candidates are made as they are needed. Each batch
 * waits for its own turn in the queue, so that nobody waits there for this transaction's database.
 */
export async function generateDomains(write: WriteContext, queue: WorkQueue, campaignId: number, input: GenerateInput): Promise<Generated> {
  const campaign = await write.db
    .selectFrom('campaigns')
    .select(['status', 'keywords', 'tlds', 'patterns'])
    .where('tenantId', '=', write.tenant)
    .where('id', '=', campaignId)
    .forShare()
    .executeTakeFirst()
  if (!campaign) return nothing([userError('NOT_FOUND', 'There is no such campaign.', ['input', 'campaignId'])])
  if (campaign.status === 'ARCHIVED')
    return nothing([userError('INVALID_STATE', 'The campaign is ARCHIVED: it gets no new domains.', ['input', 'campaignId'])])
  const errors = inputErrors(input)
  if (errors.length > 0) return nothing(errors)

  const patterns = input.patterns ?? campaign.patterns
  const config = {
    keywords: input.keywords ?? campaign.keywords,
    tlds: input.tlds ?? campaign.tlds,
    minScore: input.minScore,
    // None means those that suit the keywords.
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
    for (let start = 0; start < batch.length && count < input.limit; ) {
      const wanted = batch.slice(start, start + input.limit - count)
      start += wanted.length
      seen += wanted.length
      const stored = await store(write, campaignId, wanted)
      count += stored.length
      domainIds.push(...stored.slice(0, MAX_SHOWN - domainIds.length))
    }
    if (count >= input.limit || seen >= MAX_CANDIDATES) break
  }
  return { count, domainIds, errors: [] }
}

/** The ids of those that were new, in the order of the candidates. */
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
  const errors = generatorErrors(input)
  const { limit, minScore } = input
  if (limit < 1 || limit > MAX_DOMAINS)
    errors.push(userError('INVALID', `Expected a limit from 1 to ${MAX_DOMAINS}, got ${limit}.`, ['input', 'limit']))
  if (minScore < 0 || minScore > 100)
    errors.push(userError('INVALID', `Expected a least score from 0 to 100, got ${minScore}.`, ['input', 'minScore']))
  return errors
}

function nothing(errors: readonly UserError[]): Generated {
  return { count: 0, domainIds: [], errors }
}

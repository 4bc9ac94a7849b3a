import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { callerHashes } from '#src/market/rules/caller.ts'
import { CALLER_HASH_KEY, startMarketGateway } from '../modules/market-gateway.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import fc from '../property.ts'
import { addCallMarket, type CallMarket, callsOf, numberOf, setBuyer, sha256Of } from '../routing/call-market.ts'

const STATUS = `query ($caller: String!, $campaignId: ID) { callerStatus(caller: $caller, campaignId: $campaignId) {
  isSuppressed consent consents { revokedAt } dncLists { isListed } } }`
/** Hours from now. */
const hours = (...choices: readonly number[]) => fc.constantFrom(...choices)

const KNOWN = fc.record({
  consents: fc.array(
    fc.record({
      campaign: fc.constantFrom('every', 'this', 'other'),
      givenAt: hours(-48, -24, 1),
      expiresAt: fc.option(hours(-12, 12)),
      revokedAt: fc.option(hours(-36, -6), { freq: 2 }),
    }),
    { maxLength: 3 },
  ),
  revocation: fc.option(hours(-36, -6)),
  suppression: fc.option(fc.constantFrom('TENANT', 'this', 'other'), { freq: 1 }),
})
type Known = typeof KNOWN extends fc.Arbitrary<infer Value> ? Value : never

interface Status {
  readonly isSuppressed: boolean
  readonly consent: 'GIVEN' | 'REVOKED' | 'MISSING'
  readonly consents: readonly { readonly revokedAt: string | null }[]
}

describe('the status of a caller', () => {
  let scratch: ScratchDatabase
  let gateway: Awaited<ReturnType<typeof startMarketGateway>>
  let market: CallMarket
  let callers = 0
  beforeAll(async () => {
    scratch = await createScratchDatabase()
    gateway = await startMarketGateway(scratch)
    market = await addCallMarket(scratch, 'acme')
    for (const id of market.buyerIds) await setBuyer(scratch, id, { max_concurrent_calls: 1000 })
    await sql`insert into compliance_rule_sets (tenant_id, number, status, document, published_at)
      values ('acme', 1, 'PUBLISHED', '{"consentRequired": true}', now())`.execute(scratch.db)
    await sql`update routing_states set rule_set_id = (select id from compliance_rule_sets) where tenant_id = 'acme'`.execute(scratch.db)
  }, 60_000)
  afterAll(async () => {
    await gateway?.close()
    await scratch?.drop()
  })

  const store = async (caller: Buffer, { consents, revocation, suppression }: Known) => {
    const campaigns = { every: null, this: market.campaignId, other: market.otherCampaignId }
    const at = (hour: number | null) => sql`now() + ${hour}::int * interval '1 hour'`
    for (const { campaign, givenAt, expiresAt, revokedAt } of consents)
      await sql`insert into consents (tenant_id, caller, campaign_id, source, evidence, given_at, expires_at, revoked_at)
        values ('acme', ${caller}, ${campaigns[campaign]}::int8, 'form', 'certificate', ${at(givenAt)}, ${at(expiresAt)}, ${at(revokedAt)})`.execute(
        scratch.db,
      )
    if (revocation !== null)
      await sql`insert into consent_revocations (tenant_id, caller, source, revoked_at) values ('acme', ${caller}, 'text', ${at(revocation)})`.execute(
        scratch.db,
      )
    if (suppression !== null)
      await sql`insert into suppressions (tenant_id, caller, scope, scope_id, source) values ('acme', ${caller},
        ${suppression === 'TENANT' ? 'TENANT' : 'CAMPAIGN'}, ${suppression === 'TENANT' ? 0 : campaigns[suppression]}::int8, 'page')`.execute(
        scratch.db,
      )
  }

  /** Returns whether a status always says what a ping answers. */
  const agrees = (consentOf: (status: Status) => Status['consent']) =>
    fc.asyncProperty(KNOWN, async (known) => {
      const number = ++callers
      await store(callerHashes(Buffer.from(CALLER_HASH_KEY)).ofTenant('acme', sha256Of(numberOf(number))), known)
      const variables = { caller: numberOf(number), campaignId: toGlobalId('Campaign', market.campaignId) }
      const { data } = await gateway.ask('acme', 'EDITOR', STATUS, variables)
      const status: Status = data.callerStatus
      const { refusal } = await callsOf(gateway, market).ping(number, { publisherId: null })
      const ofConsent = { GIVEN: null, REVOKED: 'CONSENT_REVOKED', MISSING: 'CONSENT_MISSING' }[consentOf(status)]
      return refusal === (status.isSuppressed ? 'SUPPRESSED' : ofConsent)
    })

  it('says what a ping answers, whatever consents, revocations and suppressions there are', async () => {
    await fc.assert(
      agrees(({ consent }) => consent),
      {
        numRuns: 40,
        examples: [
          [{ consents: [{ campaign: 'every', givenAt: -24, expiresAt: -12, revokedAt: null }], revocation: -36, suppression: null }],
        ],
      },
    )
  })

  it('would differ from a ping if it took an expired consent for one, and the property detects that', async () => {
    const isAny = ({ consents, consent }: Status) => (consents.some(({ revokedAt }) => revokedAt === null) ? 'GIVEN' : consent)
    expect((await fc.check(agrees(isAny), { numRuns: 40 })).failed).toBe(true)
  })
})

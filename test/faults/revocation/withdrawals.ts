import { BEST_BUYER, type CallGateway, type CallOutcome, type CallTenant } from './call-gateway.ts'

const SUPPRESS = 'mutation ($input: SuppressCallerInput!) { suppressCaller(input: $input) { suppression { id } errors { message } } }'
const REVOKE = 'mutation ($input: RevokeConsentInput!) { revokeConsent(input: $input) { revoked errors { message } } }'

/** Runs SQL on the database of all instances. */
export type Query = (statement: string, parameters: readonly unknown[]) => Promise<readonly unknown[]>

/** Number of times that a mutation is sent while nothing of it is stored, because the machine is slow. */
const ATTEMPTS = 10

/** Rows of one caller, by the consent whose evidence is the parameter. */
const OF_CALLER = '(select tenant_id, caller from consents where evidence = $1)'

/** A way in which a caller withdraws from calls. */
export interface Withdrawal {
  readonly name: string
  /** Refusal of pings and posts after it. */
  readonly refusal: 'SUPPRESSED' | 'CONSENT_REVOKED' | 'CONSENT_MISSING'
  /** Whether only {@link BEST_BUYER} must not get the caller. A ping is then offered to the other buyer. */
  readonly isOfBuyer?: boolean
  /** Whether it waits for pings of the caller that are being decided. */
  readonly waitsForPings?: boolean
  /** SQL that withdraws, with the evidence of the caller's consent as its parameter. */
  readonly sql?: string
  /** SQL that returns a row if the caller has withdrawn. */
  readonly isStored: string
  /** Input of the mutation that withdraws. */
  readonly mutation?: (tenant: CallTenant, caller: string) => { readonly query: string; readonly input: object }
}

const suppressed = (scope: string) => `select from suppressions where (tenant_id, caller) in ${OF_CALLER} and scope = '${scope}'`
const revoked = `select from consents where evidence = $1 and revoked_at is not null`

/** All ways to withdraw. */
export const withdrawals: readonly Withdrawal[] = [
  {
    name: 'suppressCaller for the tenant',
    refusal: 'SUPPRESSED',
    isStored: suppressed('TENANT'),
    mutation: (_tenant, caller) => ({ query: SUPPRESS, input: { caller, scope: 'TENANT', source: 'page' } }),
  },
  {
    name: 'suppressCaller for the campaign',
    refusal: 'SUPPRESSED',
    isStored: suppressed('CAMPAIGN'),
    mutation: ({ campaignId }, caller) => ({
      query: SUPPRESS,
      input: { caller, scope: 'CAMPAIGN', scopeId: campaignId, source: 'page' },
    }),
  },
  {
    name: 'suppressCaller for the buyer',
    refusal: 'SUPPRESSED',
    isOfBuyer: true,
    isStored: suppressed('BUYER'),
    mutation: ({ bestBuyerId }, caller) => ({ query: SUPPRESS, input: { caller, scope: 'BUYER', scopeId: bestBuyerId, source: 'page' } }),
  },
  {
    name: 'revokeConsent',
    refusal: 'CONSENT_REVOKED',
    waitsForPings: true,
    isStored: revoked,
    mutation: (_tenant, caller) => ({ query: REVOKE, input: { caller, source: 'phone' } }),
  },
  {
    name: 'a suppression by SQL',
    refusal: 'SUPPRESSED',
    isStored: suppressed('TENANT'),
    sql: `insert into suppressions (tenant_id, caller, scope, source) select tenant_id, caller, 'TENANT', 'SQL' from consents where evidence = $1`,
  },
  {
    name: 'a revocation by SQL',
    refusal: 'CONSENT_REVOKED',
    isStored: `select from consent_revocations where (tenant_id, caller) in ${OF_CALLER}`,
    sql: `insert into consent_revocations (tenant_id, caller, source, revoked_at)
      select tenant_id, caller, 'SQL', now() from consents where evidence = $1`,
  },
  {
    name: 'a consent that SQL revokes',
    refusal: 'CONSENT_REVOKED',
    isStored: revoked,
    sql: 'update consents set revoked_at = now() where evidence = $1',
  },
  {
    name: 'a consent that SQL ends',
    refusal: 'CONSENT_MISSING',
    isStored: 'select from consents where evidence = $1 and expires_at is not null',
    sql: "update consents set expires_at = given_at + interval '1 ms' where evidence = $1",
  },
]

/**
 * Withdraws a caller.
 * @param evidence Evidence of the caller's consent, which no other consent has.
 * @returns why the gateway did not confirm it; undefined if it did. The withdrawal is stored in both cases.
 */
export async function withdraw(
  { mutation, sql, isStored, name }: Withdrawal,
  { query: run, gateway, tenant }: { readonly query: Query; readonly gateway: CallGateway; readonly tenant: CallTenant },
  { number, evidence }: { readonly number: string; readonly evidence: string },
): Promise<string | undefined> {
  if (sql !== undefined) await run(sql, [evidence])
  let problem: string | undefined
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (mutation) {
      const { query, input } = mutation(tenant, number)
      problem = (await gateway.send(query, input)).problem
    }
    if ((await run(isStored, [evidence])).length > 0) return problem
  }
  throw new Error(`Expected ${name} to be stored, but it is not: ${problem ?? 'no problem was reported'}`)
}

/** Returns what is wrong with a decided ping that began after a withdrawal; undefined if it is refused for the reason of the withdrawal. */
export function problemAfter({ isOfBuyer, refusal }: Withdrawal, answer: CallOutcome): string | undefined {
  const { outcome, buyer, suppressed: excluded, problem } = answer
  const isRight = isOfBuyer ? buyer !== BEST_BUYER && excluded.includes(BEST_BUYER) : outcome === refusal
  if (isRight) return undefined
  const got = [outcome, ...(buyer === undefined ? [] : [`to ${buyer}`]), ...(problem === undefined ? [] : [problem])].join(' ')
  return `expected ${refusal}${isOfBuyer ? ` for ${BEST_BUYER}` : ''}, got ${got}`
}

/** Returns what is wrong with a decided ping that ended before a withdrawal began; undefined if it is an offer of the best buyer. */
export function problemBefore({ outcome, buyer, problem }: CallOutcome): string | undefined {
  return buyer === BEST_BUYER ? undefined : `expected an offer of ${BEST_BUYER}, got ${outcome} ${buyer ?? problem ?? ''}`
}

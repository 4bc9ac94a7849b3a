import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'

let scratch: ScratchDatabase
let market: Market
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let other: typeof gateway
let callers = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
  await addMarket(scratch.db, 'rival')
  gateway = await startMarketGateway(scratch)
  other = await startMarketGateway(scratch)
})
afterAll(async () => {
  await gateway?.close()
  await other?.close()
  await scratch?.drop()
})

/** Returns a number that no other test uses. */
const newCaller = () => `+1212555${String(++callers).padStart(4, '0')}`
const sha256Of = (number: string) => createHash('sha256').update(number).digest('hex')
const STATUS = `query ($caller: String!, $campaignId: ID) { callerStatus(caller: $caller, campaignId: $campaignId) {
  caller isSuppressed suppressions { id scope source campaign { id name } buyer { name } } consent consents { evidence givenAt revokedAt } revokedAt dncLists { name } } }`
const ERRORS = 'errors { code field message }'

async function ask(query: string, variables: object, { tenant = 'acme', role = 'EDITOR' as Role, at = gateway } = {}) {
  const { data, errors } = await at.ask(tenant, role, query, variables as Record<string, unknown>)
  expect(errors).toEqual([])
  return data
}
const statusOf = async (caller: string, options: Parameters<typeof ask>[2] & { campaignId?: string } = {}) =>
  (await ask(STATUS, { caller, campaignId: options.campaignId }, options)).callerStatus
const suppress = async (input: object, options?: Parameters<typeof ask>[2]) =>
  (
    await ask(
      `mutation ($input: SuppressCallerInput!) { suppressCaller(input: $input) { suppression { id scope caller } ${ERRORS} } }`,
      { input },
      options,
    )
  ).suppressCaller
const record = async (input: object) =>
  (
    await ask(`mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { consent { id evidence revokedAt } ${ERRORS} } }`, {
      input,
    })
  ).recordConsent
const revoke = async (caller: string) =>
  (
    await ask(`mutation ($input: RevokeConsentInput!) { revokeConsent(input: $input) { revokedAt revoked ${ERRORS} } }`, {
      input: { caller, source: 'phone' },
    })
  ).revokeConsent
const consentOf = (caller: string, more: object = {}) => ({
  caller,
  source: 'web form',
  evidence: 'certificate 17',
  givenAt: '2026-01-01T00:00:00.000Z',
  ...more,
})

describe('A suppression', () => {
  it('is one row however often it is asked for, by the number or by its SHA-256.', async () => {
    const caller = newCaller()
    const input = { caller, scope: 'TENANT', source: 'opt-out page' }
    const first = await suppress(input)
    const others = await Promise.all([
      suppress(input),
      suppress({ ...input, caller: sha256Of(caller) }),
      suppress({ ...input, source: 'letter' }),
    ])
    expect(first).toMatchObject({ suppression: { scope: 'TENANT', caller: expect.stringMatching(/^[0-9a-f]{8}$/) }, errors: [] })
    expect(others.map(({ suppression }) => suppression)).toEqual(Array(3).fill(first.suppression))
    expect(await statusOf(caller)).toMatchObject({
      isSuppressed: true,
      suppressions: [{ source: 'opt-out page', campaign: null, buyer: null }],
    })
  })

  it('holds for its campaign or buyer only, and for its tenant only.', async () => {
    const caller = newCaller()
    const campaignId = toGlobalId('Campaign', market.campaignId)
    await suppress({ caller, scope: 'CAMPAIGN', scopeId: campaignId, source: 'a' })
    await suppress({ caller, scope: 'BUYER', scopeId: toGlobalId('Buyer', market.buyerIds[0] ?? 0), source: 'b' })
    expect(await statusOf(caller)).toMatchObject({
      isSuppressed: false,
      suppressions: [
        { scope: 'BUYER', buyer: { name: 'Ada' } },
        { scope: 'CAMPAIGN', campaign: { name: 'One' } },
      ],
    })
    expect(await statusOf(caller, { campaignId })).toMatchObject({ isSuppressed: true })
    expect(await statusOf(caller, { tenant: 'rival' })).toMatchObject({ isSuppressed: false, suppressions: [] })
    expect((await statusOf(caller)).caller).not.toBe((await statusOf(caller, { tenant: 'rival' })).caller)
  })

  it('is refused with one error for each wrong input, and no error repeats the number.', async () => {
    const caller = newCaller()
    const codes = async (input: object) => {
      const { suppression, errors } = await suppress({ caller, scope: 'TENANT', source: 'a', ...input })
      expect(suppression).toBeNull()
      expect(JSON.stringify(errors)).not.toContain(caller.slice(2))
      return errors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.slice(1).join('.')}`)
    }
    expect(await codes({ caller: `${caller}12345678`, source: '' })).toEqual(['INVALID caller', 'INVALID source'])
    expect(await codes({ source: `call of ${caller.slice(1, 5)}-${caller.slice(5)}` })).toEqual(['INVALID source'])
    expect(await codes({ scope: 'CAMPAIGN' })).toEqual(['INVALID scopeId'])
    expect(await codes({ scopeId: toGlobalId('Campaign', market.campaignId) })).toEqual(['INVALID scopeId'])
    expect(await codes({ scope: 'BUYER', scopeId: toGlobalId('Buyer', 999_999) })).toEqual(['NOT_FOUND scopeId'])
    const [theirs] = await scratch.db.selectFrom('campaigns').select('id').where('tenantId', '=', 'rival').execute()
    expect(await codes({ scope: 'CAMPAIGN', scopeId: toGlobalId('Campaign', theirs?.id ?? 0) })).toEqual(['NOT_FOUND scopeId'])
  })

  it('is deleted by an ADMIN only, and by the own tenant only.', async () => {
    const caller = newCaller()
    const { suppression } = await suppress({ caller, scope: 'TENANT', source: 'a' })
    const lift = `mutation ($id: ID!) { unsuppressCaller(input: { id: $id }) { deletedId ${ERRORS} } }`
    const { errors } = await gateway.ask('acme', 'EDITOR', lift, { id: suppression.id })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
    expect((await ask(lift, { id: suppression.id }, { tenant: 'rival', role: 'ADMIN' })).unsuppressCaller.errors).toMatchObject([
      { code: 'NOT_FOUND' },
    ])
    expect((await statusOf(caller)).isSuppressed).toBe(true)
    expect((await ask(lift, { id: suppression.id }, { role: 'ADMIN' })).unsuppressCaller).toEqual({ deletedId: suppression.id, errors: [] })
    expect((await statusOf(caller)).isSuppressed).toBe(false)
  })

  it('is in the list of its tenant, page by page, at once and on every instance.', async () => {
    const list =
      'query ($after: String) { suppressions(first: 2, after: $after) { nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }'
    const added: string[] = []
    for (let index = 0; index < 3; index++)
      added.unshift((await suppress({ caller: newCaller(), scope: 'TENANT', source: 'list' })).suppression.id)
    const { suppressions: first } = await ask(list, {}, { at: other })
    const { suppressions: second } = await ask(list, { after: first.pageInfo.endCursor }, { at: other })
    expect([...first.nodes, ...second.nodes].slice(0, 3).map(({ id }) => id)).toEqual(added)
    expect(first).toMatchObject({ edges: [{ node: { id: added[0] } }, { node: { id: added[1] } }], pageInfo: { hasNextPage: true } })
    expect((await ask(list, {}, { tenant: 'rival' })).suppressions.nodes).toEqual([])
  })
})

describe('A consent', () => {
  it('is recorded once, and holds until it expires.', async () => {
    const caller = newCaller()
    const [first, second] = await Promise.all([record(consentOf(caller)), record(consentOf(caller))])
    expect(second).toEqual(first)
    expect(await statusOf(caller)).toMatchObject({ consent: 'GIVEN', consents: [{ evidence: 'certificate 17', revokedAt: null }] })
    const expired = newCaller()
    await record(consentOf(expired, { expiresAt: '2026-01-02T00:00:00.000Z' }))
    expect(await statusOf(expired)).toMatchObject({ consent: 'MISSING', consents: [{ evidence: 'certificate 17' }] })
  })

  it('of one campaign is none for another campaign.', async () => {
    const caller = newCaller()
    await record(consentOf(caller, { campaignId: toGlobalId('Campaign', market.campaignId) }))
    expect((await statusOf(caller, { campaignId: toGlobalId('Campaign', market.campaignId) })).consent).toBe('GIVEN')
    expect((await statusOf(caller, { campaignId: toGlobalId('Campaign', market.otherCampaignId) })).consent).toBe('MISSING')
    expect((await statusOf(caller)).consent).toBe('MISSING')
  })

  it('ends with a revocation, which the next read on another instance sees, and keeps its evidence.', async () => {
    const caller = newCaller()
    await record(consentOf(caller))
    expect((await statusOf(caller, { at: other })).consent).toBe('GIVEN')
    expect(await revoke(caller)).toMatchObject({ revoked: 1, errors: [] })
    expect(await statusOf(caller, { at: other })).toMatchObject({
      consent: 'REVOKED',
      consents: [{ evidence: 'certificate 17', revokedAt: expect.any(String) }],
    })
    expect(await revoke(caller)).toMatchObject({ revoked: 0, errors: [] })
    const givenAt = new Date(Date.now() + 60_000).toISOString()
    await record(consentOf(caller, { givenAt, evidence: 'certificate 18' }))
    expect((await statusOf(caller)).consents).toMatchObject([
      { evidence: 'certificate 18', revokedAt: null },
      { evidence: 'certificate 17' },
    ])
  })

  it('that was given before a revocation is revoked from the beginning when it is recorded later.', async () => {
    const caller = newCaller()
    const { revokedAt } = await revoke(caller)
    expect((await record(consentOf(caller))).consent).toMatchObject({ revokedAt })
    expect((await statusOf(caller)).consent).toBe('REVOKED')
  })

  it('that is recorded while it is revoked ends revoked, whichever comes first.', async () => {
    for (let round = 0; round < 10; round++) {
      const caller = newCaller()
      await Promise.all([record(consentOf(caller)), revoke(caller), record(consentOf(caller, { evidence: 'certificate 18' }))])
      expect(await statusOf(caller)).toMatchObject({
        consent: 'REVOKED',
        consents: [{ revokedAt: expect.any(String) }, { revokedAt: expect.any(String) }],
      })
    }
  })

  it('survives its campaign as evidence.', async () => {
    const caller = newCaller()
    const { rows } = await sql<{ id: number }>`
      insert into campaigns (tenant_id, owner_id, name, budget_minor, keywords, tlds, patterns)
      select tenant_id, owner_id, 'Short', budget_minor, keywords, tlds, patterns from campaigns where id = ${market.otherCampaignId}
      returning id
    `.execute(scratch.db)
    const id = rows[0]?.id ?? 0
    await record(consentOf(caller, { campaignId: toGlobalId('Campaign', id) }))
    await sql`delete from campaigns where id = ${id}`.execute(scratch.db)
    expect((await statusOf(caller)).consents).toMatchObject([{ evidence: 'certificate 17' }])
  })

  it('is refused with errors for times that make no sense.', async () => {
    const caller = newCaller()
    expect((await record(consentOf(caller, { givenAt: '2999-01-01T00:00:00Z', expiresAt: '2998-01-01T00:00:00Z' }))).errors).toMatchObject([
      { field: ['input', 'givenAt'] },
      { field: ['input', 'expiresAt'] },
    ])
  })
})

describe('The status of a caller', () => {
  it('is refused to a VIEWER, and to a text that is no number, which the error does not repeat.', async () => {
    const refused = await gateway.ask('acme', 'VIEWER', STATUS, { caller: newCaller() })
    expect(refused.errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
    const { errors } = await gateway.ask('acme', 'EDITOR', STATUS, { caller: '12125550199123456' })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.not.stringContaining('5550199') }])
  })

  it('T29: cannot be asked for many callers in one request, so each guess at a number counts as a request.', async () => {
    const fields = Array.from({ length: 6 }, (_, index) => `c${index}: callerStatus(caller: "+1212555019${index}") { consent }`)
    const { errors } = await gateway.ask('acme', 'EDITOR', `{ ${fields.join(' ')} }`)
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['LIMIT_EXCEEDED'])
  })
})

describe('Who suppressed a caller or recorded a revocation', () => {
  const SUPPRESSIONS = '{ suppressions(first: 1) { nodes { madeBy { subject user { name } } createdAt } } }'
  const REVOCATION = `query ($caller: String!) { callerStatus(caller: $caller) {
    revokedBy { subject user { name } } revocationSource consents { revokedAt revokedBy { subject } } } }`

  it('is shown with the time, and with the user if it was one.', async () => {
    const [caller, owner] = [
      newCaller(),
      await scratch.db.selectFrom('users').select('id').where('tenantId', '=', 'acme').executeTakeFirst(),
    ]
    const subject = String(owner?.id)
    await ask('mutation ($input: SuppressCallerInput!) { suppressCaller(input: $input) { errors { code } } }', {
      input: { caller, scope: 'TENANT', source: 'page' },
    })
    await record(consentOf(caller))
    await revoke(caller)
    await record(consentOf(caller, { evidence: 'certificate 18' }))
    const { suppressions } = await ask(SUPPRESSIONS, {})
    expect(suppressions.nodes).toEqual([{ madeBy: { subject, user: { name: 'A' } }, createdAt: expect.any(String) }])
    const { callerStatus } = await ask(REVOCATION, { caller })
    expect(callerStatus).toEqual({
      revokedBy: { subject, user: { name: 'A' } },
      revocationSource: 'phone',
      consents: Array(2).fill({ revokedAt: expect.any(String), revokedBy: { subject } }),
    })
    await sql`update suppressions set made_by = 'opt-out importer' where id = (select max(id) from suppressions where tenant_id = 'acme')`.execute(
      scratch.db,
    )
    expect((await ask(SUPPRESSIONS, {})).suppressions.nodes[0].madeBy).toEqual({ subject: 'opt-out importer', user: null })
  })
})

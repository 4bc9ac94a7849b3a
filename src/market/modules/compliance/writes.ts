import { sql } from 'kysely'
import { inputId } from '../../../gateway/contract/input-id.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { readText, type TextRule } from '../../../gateway/contract/text-input.ts'
import { notFound, type UserError, userError } from '../../../gateway/contract/user-error.ts'
import type { CallerHashes } from '../../rules/caller.ts'
import { callerOf, NO_CALLER, numberErrors } from '../caller-input.ts'
import type { NoMore } from '../no-more.ts'
import type { RecordConsentInput, RevokeConsentInput, SuppressCallerInput } from '../schema-types.generated.ts'
import type { Consent, Suppression } from './entity.ts'

type Refused = { readonly errors: readonly UserError[] }

const SOURCE: TextRule = { what: 'a source', minLength: 1, maxLength: 120 }
const EVIDENCE: TextRule = { what: 'evidence', minLength: 1, maxLength: 2000 }
/** Maximum time by which a consent may seem to be given in the future, because clocks differ, ms. */
const MAX_AHEAD_MS = 5 * 60_000

/** Suppresses a caller. Returns the existing suppression if there is one in this scope. */
export async function suppressCaller(
  write: WriteContext,
  hashes: CallerHashes,
  input: SuppressCallerInput,
): Promise<{ readonly suppression: Suppression } | Refused> {
  const { caller: given, scope, scopeId: globalId, source, ...others } = input
  others satisfies NoMore
  const read = readCaller(given, { source: [source, SOURCE] })
  const place = scopeOf(scope, globalId)
  const errors = [...('errors' in read ? read.errors : []), ...('error' in place ? [place.error] : [])]
  if ('errors' in read || 'error' in place) return { errors }
  const missing = place.table === null ? null : await missingRow(write, place.table, place.scopeId, 'scopeId')
  if (missing) return { errors: [missing] }
  const { db, tenant, viewer } = write
  const caller = hashes.ofTenant(tenant, read.sha256)
  const { scopeId } = place
  await db
    .insertInto('suppressions')
    .values({ tenantId: tenant, caller, scope, scopeId, source: read.texts.source, madeBy: viewer.userId })
    .onConflict((conflict) => conflict.columns(['tenantId', 'caller', 'scope', 'scopeId']).doNothing())
    .execute()
  const suppression = await db
    .selectFrom('suppressions')
    .selectAll()
    .where('tenantId', '=', tenant)
    .where('caller', '=', caller)
    .where('scope', '=', scope)
    .where('scopeId', '=', scopeId)
    .executeTakeFirstOrThrow()
  return { suppression }
}

/** Deletes a suppression. Returns an error if the tenant has none with this id. */
export async function unsuppressCaller({ db, tenant }: WriteContext, id: number): Promise<UserError | null> {
  const deleted = await db.deleteFrom('suppressions').where('tenantId', '=', tenant).where('id', '=', id).returning('id').executeTakeFirst()
  return deleted ? null : notFound('suppression', ['input', 'id'])
}

/** Records a consent. Returns the existing one if the same consent is recorded already. */
export async function recordConsent(
  write: WriteContext,
  hashes: CallerHashes,
  input: RecordConsentInput,
): Promise<{ readonly consent: Consent } | Refused> {
  const { caller: given, campaignId: globalId, source, evidence, givenAt, expiresAt = null, ...others } = input
  others satisfies NoMore
  const read = readCaller(given, { source: [source, SOURCE], evidence: [evidence, EVIDENCE] })
  const named = globalId == null ? { id: null } : inputId('Campaign', globalId, ['input', 'campaignId'])
  const errors = [
    ...('errors' in read ? read.errors : []),
    ...('error' in named ? [named.error] : []),
    ...timeErrors(write.now, givenAt, expiresAt),
  ]
  if ('errors' in read || 'error' in named || errors.length > 0) return { errors }
  const missing = named.id === null ? null : await missingRow(write, 'campaigns', named.id, 'campaignId')
  if (missing) return { errors: [missing] }
  const { db, tenant } = write
  const caller = hashes.ofTenant(tenant, read.sha256)
  await lockCaller(write, caller)
  const { rows } = await sql<Consent>`
    with present as (
      select * from consents where tenant_id = ${tenant} and caller = ${caller} and campaign_id is not distinct from ${named.id}::int8
        and given_at = ${givenAt}::timestamptz(3) and evidence = ${read.texts.evidence} order by id limit 1
    ), added as (
      insert into consents (tenant_id, caller, campaign_id, source, evidence, given_at, expires_at, revoked_at, revoked_by)
      select ${tenant}, ${caller}, ${named.id}::int8, ${read.texts.source}, ${read.texts.evidence}, ${givenAt}::timestamptz(3),
        ${expiresAt}::timestamptz(3), revoked_at, revoked_by
      from (select) as one left join consent_revocations
        on tenant_id = ${tenant} and caller = ${caller} and revoked_at >= ${givenAt}::timestamptz(3)
      where not exists (select from present)
      returning *
    ) select * from present union all select * from added
  `.execute(db)
  const [consent] = rows
  if (!consent) throw new Error('Expected the consent that was recorded, got none.')
  return { consent }
}

/** Revokes all consents of a caller that were given until now, recorded or not. */
export async function revokeConsent(
  write: WriteContext,
  hashes: CallerHashes,
  input: RevokeConsentInput,
): Promise<{ readonly revokedAt: string; readonly revoked: number } | Refused> {
  const { caller: given, source, ...others } = input
  others satisfies NoMore
  const read = readCaller(given, { source: [source, SOURCE] })
  if ('errors' in read) return read
  const { db, tenant, viewer } = write
  const caller = hashes.ofTenant(tenant, read.sha256)
  await lockCaller(write, caller)
  // A consent may be given a little ahead of this clock. The revocation is later than each consent that it ends.
  const { rows } = await sql<{ revokedAt: string; revoked: number }>`
    with ended as (
      update consents set revoked_at = greatest(clock_timestamp(), given_at), revoked_by = ${viewer.userId}
      where tenant_id = ${tenant} and caller = ${caller} and revoked_at is null
      returning revoked_at
    ), revocation as (
      insert into consent_revocations (tenant_id, caller, source, revoked_by, revoked_at)
      select ${tenant}, ${caller}, ${read.texts.source}, ${viewer.userId}, greatest(clock_timestamp(), (select max(revoked_at) from ended))
      on conflict (tenant_id, caller) do update set source = excluded.source, revoked_by = excluded.revoked_by,
        revoked_at = greatest(consent_revocations.revoked_at, excluded.revoked_at)
      returning revoked_at
    ) select revoked_at, (select count(*) from ended) as revoked from revocation
  `.execute(db)
  const [revocation] = rows
  if (!revocation) throw new Error('Expected the revocation that was recorded, got none.')
  return revocation
}

/** Makes writes about the consent of one caller run one after the other, until the transaction ends. */
async function lockCaller({ db }: WriteContext, caller: Buffer): Promise<void> {
  await sql`select pg_advisory_xact_lock(${String(caller.readBigInt64BE())}::int8)`.execute(db)
}

type Texts<Name extends string> = Readonly<Record<Name, readonly [given: string, rule: TextRule]>>

/** Reads the caller of an input and the texts that are stored with the caller. */
function readCaller<Name extends string>(
  given: string,
  texts: Texts<Name>,
): { readonly sha256: string; readonly texts: Readonly<Record<Name, string>> } | Refused {
  const errors: UserError[] = []
  const sha256 = callerOf(given)
  if (sha256 === undefined) errors.push(userError('INVALID', NO_CALLER, ['input', 'caller']))
  const stored: Partial<Record<Name, string>> = {}
  for (const name of Object.keys(texts) as Name[]) {
    const [text, rule] = texts[name]
    const path = ['input', name]
    const read = readText(text, rule)
    if ('problem' in read) errors.push(userError('INVALID', read.problem, path))
    else {
      stored[name] = read.text
      errors.push(...numberErrors(given, read.text, path))
    }
  }
  return sha256 === undefined || errors.length > 0 ? { errors } : { sha256, texts: stored as Readonly<Record<Name, string>> }
}

type Place = { readonly table: 'campaigns' | 'buyers' | null; readonly scopeId: number } | { readonly error: UserError }

function scopeOf(scope: SuppressCallerInput['scope'], globalId: string | null | undefined): Place {
  const path = ['input', 'scopeId']
  if (scope === 'TENANT')
    return globalId == null
      ? { table: null, scopeId: 0 }
      : { error: userError('INVALID', 'Expected no id for the scope TENANT, got one: leave it out.', path) }
  const [table, type] = scope === 'CAMPAIGN' ? (['campaigns', 'Campaign'] as const) : (['buyers', 'Buyer'] as const)
  if (globalId == null)
    return { error: userError('INVALID', `Expected the id of a ${type.toLowerCase()} for the scope ${scope}, got none: send it.`, path) }
  const named = inputId(type, globalId, path)
  return 'error' in named ? named : { table, scopeId: named.id }
}

async function missingRow(
  { db, tenant }: WriteContext,
  table: 'campaigns' | 'buyers',
  id: number,
  field: string,
): Promise<UserError | null> {
  const row = await db.selectFrom(table).select('id').where('tenantId', '=', tenant).where('id', '=', id).executeTakeFirst()
  return row ? null : notFound(table === 'campaigns' ? 'campaign' : 'buyer', ['input', field])
}

function timeErrors(now: number, givenAt: string, expiresAt: string | null): UserError[] {
  const errors: UserError[] = []
  if (Date.parse(givenAt) > now + MAX_AHEAD_MS)
    errors.push(userError('INVALID', `Expected a time that has passed, got ${givenAt}.`, ['input', 'givenAt']))
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.parse(givenAt))
    errors.push(userError('INVALID', `Expected a time after \`givenAt\`, got ${expiresAt}.`, ['input', 'expiresAt']))
  return errors
}

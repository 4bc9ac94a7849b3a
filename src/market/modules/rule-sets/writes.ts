import { sql } from 'kysely'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { changeRows, lockRow } from '../../../gateway/contract/row-lock.ts'
import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { parseRuleSet } from '../../rules/compliance/rule-set-document.ts'
import { checkedDocument, documentErrors } from '../document-input.ts'
import type { RuleSetInput } from '../schema-types.generated.ts'

export type RuleSetOutcome = { readonly ruleSetId: number } | { readonly errors: readonly UserError[] }

/** A draft that a mutation names. */
export interface NamedDraft {
  readonly id: number
  /** Version of the draft that the client read before it decided on the change. */
  readonly version: number
}

const ID_PATH = ['input', 'id']

/** Creates a draft; or replaces the content of a draft, unless it was changed since the client read it. */
export async function saveDraft(
  write: WriteContext,
  draft: NamedDraft | { readonly error: UserError } | null,
  rules: RuleSetInput,
): Promise<RuleSetOutcome> {
  const { db, tenant, now } = write
  const parsed = parseRuleSet(rules)
  const errors = [...(draft && 'error' in draft ? [draft.error] : []), ...documentErrors(parsed, ['input', 'rules'])]
  if (errors.length > 0 || (draft && 'error' in draft)) return { errors }
  const document = JSON.stringify(checkedDocument(parsed))
  if (draft) {
    const error = await lockDraft(write, draft)
    if (error) return { errors: [error] }
    await changeRows(write, 'complianceRuleSets', [draft.id], { document })
    return { ruleSetId: draft.id }
  }
  await lockState(write)
  const { id } = await db
    .insertInto('complianceRuleSets')
    .values({
      tenantId: tenant,
      number: sql<number>`(select coalesce(max(number), 0) + 1 from compliance_rule_sets where tenant_id = ${tenant})`,
      document,
      createdAt: new Date(now).toISOString(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { ruleSetId: id }
}

/** Publishes a draft and makes it the rule set in use, in one transaction. */
export async function publishRuleSet(write: WriteContext, draft: NamedDraft): Promise<RuleSetOutcome> {
  await lockState(write)
  const error = await lockDraft(write, draft)
  if (error) return { errors: [error] }
  await changeRows(write, 'complianceRuleSets', [draft.id], { status: 'PUBLISHED', publishedAt: new Date(write.now).toISOString() })
  await write.db.updateTable('routingStates').set({ ruleSetId: draft.id }).where('tenantId', '=', write.tenant).execute()
  return { ruleSetId: draft.id }
}

/** Locks the row that names the rule set in use, so that two drafts get different numbers and the later publication wins. */
async function lockState({ db, tenant }: WriteContext): Promise<void> {
  await db
    .insertInto('routingStates')
    .values({ tenantId: tenant })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await db.selectFrom('routingStates').select('tenantId').where('tenantId', '=', tenant).forNoKeyUpdate().execute()
}

async function lockDraft(write: WriteContext, { id, version }: NamedDraft): Promise<UserError | undefined> {
  const locked = await lockRow(write, 'complianceRuleSets', ['status'], { noun: 'rule set', id, path: ID_PATH, version })
  if ('error' in locked) return locked.error
  if (locked.row.status === 'DRAFT') return undefined
  return userError('INVALID_STATE', 'The rule set is PUBLISHED: it never changes. Save a new draft instead.', ID_PATH)
}

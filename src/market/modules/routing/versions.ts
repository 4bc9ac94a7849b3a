/** Versions of the documents that a decision depends on. */
export interface Versions {
  readonly buyersRevision: number
  /** Null if the campaign has no plan, or none that is published. */
  readonly planVersionId: number | null
  readonly ruleSetId: number | null
}

/** The versions in a snapshot, and a stamp of other things that a decision depends on. */
export interface Current extends Versions {
  /**
   * A text that changes whenever the row of the campaign or of the publisher changes, the campaign's traffic costs more, the caller is suppressed, or a do-not-call list gets a new
   * version.
   */
  readonly stamp: string
}

/** Selection of {@link Current}. `lists` is an array as a literal of PostgreSQL. */
export interface CurrentValues {
  readonly tenant: string
  readonly campaignId: number
  readonly publisherId: number | null
  readonly caller: Buffer
  readonly lists: string
}

export const currentParameters = { tenant: 'text', campaignId: 'int8', publisherId: 'int8', caller: 'bytea', lists: 'text[]' } as const

export function isSame(one: Versions, other: Versions): boolean {
  return one.buyersRevision === other.buyersRevision && one.planVersionId === other.planVersionId && one.ruleSetId === other.ruleSetId
}

/** Returns whether nothing that {@link Current} covers has changed between two snapshots. */
export function isUnchanged(before: Current, after: Current): boolean {
  return isSame(before, after) && before.stamp === after.stamp
}

/** Returns SQL for the columns of {@link Current}. @param given SQL for each parameter. */
export function currentColumns(given: Readonly<Record<keyof CurrentValues, string>>): string {
  const ofTenant = `tenant_id = ${given.tenant}`
  return `coalesce((select buyers_revision from routing_states where ${ofTenant}), 0) as buyers_revision,
      (select rule_set_id from routing_states where ${ofTenant}) as rule_set_id,
      (select published_id from campaigns join routing_plans on routing_plans.id = campaigns.plan_id
        where campaigns.${ofTenant} and campaigns.id = ${given.campaignId}) as plan_version_id,
      concat_ws(' ', (select xmin from campaigns where ${ofTenant} and id = ${given.campaignId}),
        (select spend_minor from campaign_totals where ${ofTenant} and campaign_id = ${given.campaignId}),
        (select xmin from publishers where ${ofTenant} and id = ${given.publisherId}),
        (select string_agg(concat(id, ':', xmin), ',' order by id) from suppressions where ${ofTenant} and caller = ${given.caller}),
        (select string_agg(name || ':' || version, ',' order by name) from dnc_lists where name = any(${given.lists}::text[]))) as stamp`
}

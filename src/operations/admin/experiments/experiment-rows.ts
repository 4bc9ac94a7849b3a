import { type QueryExecutorProvider, sql } from 'kysely'
import { BUCKETS } from '../../../gateway/policies/experiment.ts'
import type { BucketSums } from '../../experiments/compare-arms.ts'

/** Experiment as the table `cache_experiments` describes it. Times are in ISO 8601, in UTC. */
export interface StoredExperiment {
  readonly id: number
  readonly coordinate: string
  /** Values of the policy that applied when the experiment was started. */
  readonly control: Readonly<Record<string, number>>
  /** Values that replace those of the control in the arm `trial`. */
  readonly trial: Readonly<Record<string, number>>
  /** Values of the override that keeps the policy of the trial: those of the trial, and the others that operators have set for the coordinate. */
  readonly valuesToKeep: Readonly<Record<string, number>>
  readonly trialBuckets: number
  readonly leadInHours: number
  readonly startedBy: string
  readonly startedAt: string
  readonly reason: string | null
  readonly endedBy: string | null
  /** Null while the experiment runs. */
  readonly endedAt: string | null
  readonly endReason: string | null
}

/** Numbers of one hour of an experiment that a process has counted. */
export interface ExperimentBatch extends BucketSums {
  readonly experiment: number
  /** Hour of the experiment, counted from 0. */
  readonly hour: number
}

/** Sums of an experiment over all processes. */
export interface ExperimentSums {
  /** Sums of the lead-in. */
  readonly before: BucketSums
  /** Sums of the hours under trial before the given hour. */
  readonly during: BucketSums
  /** Reads of all hours under trial. */
  readonly readsOfTrial: number
}

type ExperimentValues = 'control' | 'trial' | 'valuesToKeep'

/** Returns the newest experiments, and all that run, newest first. @throws if the database does not answer. */
export async function readExperiments(db: QueryExecutorProvider, limit: number): Promise<readonly StoredExperiment[]> {
  // The values are read as text, because the names in them must stay as they were stored.
  const { rows } = await sql<Omit<StoredExperiment, ExperimentValues> & Readonly<Record<ExperimentValues, string>>>`
    select id, coordinate, control::text as control, trial::text as trial,
      (coalesce((select policy from cache_policy_overrides as stored where stored.coordinate = cache_experiments.coordinate), '{}') || trial)::text
        as values_to_keep,
      trial_buckets, lead_in_hours, started_by, started_at, reason, ended_by, ended_at, end_reason
    from cache_experiments
    where ended_at is null or id in (select id from cache_experiments order by id desc limit ${limit})
    order by ended_at is not null, id desc`.execute(db)
  return rows.map(({ control, trial, valuesToKeep, ...row }) => ({
    ...row,
    control: JSON.parse(control),
    trial: JSON.parse(trial),
    valuesToKeep: JSON.parse(valuesToKeep),
  }))
}

/** Returns the experiments that run. @throws if the database does not answer. */
export function readRunning(db: QueryExecutorProvider): Promise<readonly StoredExperiment[]> {
  return readExperiments(db, 0)
}

/**
 * Adds counted numbers to the sums. A batch that was added before is not added again, and neither is one of an experiment that was deleted.
 * @param writer Name of this process, which no other process has ever had.
 * @param number Number of the batch, which increases with each batch of the process.
 */
export async function addToSums(
  db: QueryExecutorProvider,
  writer: string,
  number: number,
  { experiment, hour, reads, hits }: ExperimentBatch,
): Promise<void> {
  await sql`
    with batch as (
      insert into cache_experiment_writers as known (experiment, writer, batch)
      select id, ${writer}::text, ${number}::bigint from cache_experiments where id = ${experiment}
      on conflict (experiment, writer) do update set batch = excluded.batch where known.batch < excluded.batch
      returning 1
    )
    insert into cache_experiment_sums as known (experiment, hour, reads, hits)
    select ${experiment}::integer, ${hour}::integer, ${[...reads]}::bigint[], ${[...hits]}::bigint[] from batch
    on conflict (experiment, hour) do update set
      reads = array(select before + more from unnest(known.reads, excluded.reads) with ordinality as pair (before, more, bucket) order by bucket),
      hits = array(select before + more from unnest(known.hits, excluded.hits) with ordinality as pair (before, more, bucket) order by bucket)`.execute(
    db,
  )
}

/**
 * Returns the sums of experiments, by the id of the experiment.
 * @param wanted Experiments, each with the hour before which its reads count.
 */
export async function readSums(
  db: QueryExecutorProvider,
  wanted: readonly (Pick<StoredExperiment, 'id' | 'leadInHours'> & { readonly beforeHour: number })[],
): Promise<ReadonlyMap<number, ExperimentSums>> {
  const { rows } = await sql<{ experiment: number; isTrial: boolean; isSeen: boolean; bucket: number; reads: number; hits: number }>`
    select sums.experiment, sums.hour >= wanted.lead_in as is_trial, sums.hour < wanted.before_hour as is_seen, pair.bucket::integer - 1 as bucket,
      sum(pair.reads)::float8 as reads, sum(pair.hits)::float8 as hits
    from unnest(${wanted.map(({ id }) => id)}::integer[], ${wanted.map(({ leadInHours }) => leadInHours)}::integer[],
      ${wanted.map(({ beforeHour }) => beforeHour)}::integer[]) as wanted (id, lead_in, before_hour)
    join cache_experiment_sums sums on sums.experiment = wanted.id
    cross join lateral unnest(sums.reads, sums.hits) with ordinality as pair (reads, hits, bucket)
    group by 1, 2, 3, 4`.execute(db)
  const byId = Map.groupBy(rows, ({ experiment }) => experiment)
  return new Map(
    wanted.map(({ id }) => {
      const sums = { before: noSums(), during: noSums(), readsOfTrial: 0 }
      for (const { isTrial, isSeen, bucket, reads, hits } of byId.get(id) ?? []) {
        if (isTrial) sums.readsOfTrial += reads
        const phase = isTrial ? (isSeen ? sums.during : undefined) : sums.before
        if (!phase) continue
        phase.reads[bucket] = (phase.reads[bucket] ?? 0) + reads
        phase.hits[bucket] = (phase.hits[bucket] ?? 0) + hits
      }
      return [id, sums]
    }),
  )
}

function noSums(): BucketSums {
  return { reads: new Float64Array(BUCKETS), hits: new Float64Array(BUCKETS) }
}

/**
 * Types of the requests and answers of the management API, whose base path is `/api/v1/cache`. They follow from the schemas that check the
 * requests and describe the API in OpenAPI. `…Input` is what a client sends: parameters with a default value may be left out.
 *
 * | request | parameters or body | answer |
 * |---|---|---|
 * | GET /stats | StatsInput | Stats |
 * | GET /series | SeriesInput | Series |
 * | GET /query-stats | QueryStatsInput | QueryStats |
 * | GET /performance-report | ReportInput | Report |
 * | GET /namespaces | NamespacesInput | Namespaces |
 * | POST /namespaces | BumpInput | BumpResult |
 * | GET /policies | | Policies |
 * | POST /policies | ChangePoliciesInput | ChangePoliciesResult |
 * | GET /experiments | ExperimentsInput | Experiments |
 * | POST /experiments | StartExperimentInput | ChangeExperimentsResult |
 * | POST /experiments/stop | StopExperimentInput | ChangeExperimentsResult |
 * | GET /tags | TagsInput | Tags |
 * | POST /invalidate | InvalidateInput | PurgeResult |
 * | POST /clear-all | ClearAllInput | PurgeResult |
 * | GET /warm | | WarmState |
 * | POST /warm | WarmInput | WarmResult |
 * | GET /keys | KeysInput | Keys |
 * | GET /key | LookInput | Look |
 * | POST /key/explain | ExplainInput | Explanation |
 * | POST /key/delete | DeleteKeyInput | PurgeResult |
 * | GET /invalidations | InvalidationsInput | Invalidations |
 * | GET /write-costs | WriteCostsInput | WriteCosts |
 * | GET /instances | | Instances |
 * | GET /audit | AuditInput | Audit |
 */
import type { z } from 'zod'
import type * as experiments from './schemas/experiments.ts'
import type * as figures from './schemas/figures.ts'
import type * as keys from './schemas/keys.ts'
import type * as logs from './schemas/logs.ts'
import type * as policies from './schemas/policies.ts'
import type * as purges from './schemas/purges.ts'
import type * as series from './schemas/series.ts'
import type * as warming from './schemas/warming.ts'

export type StatsInput = z.input<typeof figures.statsQuery>
export type Stats = z.output<typeof figures.stats>
export type SeriesInput = z.input<typeof series.seriesQuery>
export type Series = z.output<typeof series.series>
export type SeriesPoint = Series['points'][number]
export type SeriesMark = Series['marks'][number]
export type SeriesDrop = Series['drops'][number]
export type QueryStatsInput = z.input<typeof figures.queryStatsQuery>
export type QueryStats = z.output<typeof figures.queryStats>
export type ReportInput = z.input<typeof figures.reportQuery>
export type Report = z.output<typeof figures.report>

export type NamespacesInput = z.input<typeof purges.namespacesQuery>
export type Namespaces = z.output<typeof purges.namespaces>
export type BumpInput = z.input<typeof purges.bumpBody>
export type BumpResult = z.output<typeof purges.bumpResult>
export type InvalidateInput = z.input<typeof purges.invalidateBody>
export type ClearAllInput = z.input<typeof purges.clearAllBody>
export type PurgeResult = z.output<typeof purges.purgeResult>
export type Confirmation = z.output<typeof purges.confirmation>

export type Policies = z.output<typeof policies.policies>
export type ChangePoliciesInput = z.input<typeof policies.changePoliciesBody>
export type ChangePoliciesResult = z.output<typeof policies.changePoliciesResult>

export type Experiment = z.output<typeof experiments.experiment>
export type ExperimentsInput = z.input<typeof experiments.experimentsQuery>
export type Experiments = z.output<typeof experiments.experiments>
export type StartExperimentInput = z.input<typeof experiments.startExperimentBody>
export type StopExperimentInput = z.input<typeof experiments.stopExperimentBody>
export type ChangeExperimentsResult = z.output<typeof experiments.changeExperimentsResult>

export type WarmInput = z.input<typeof warming.warmBody>
export type WarmProgress = z.output<typeof warming.warmProgress>
export type WarmState = z.output<typeof warming.warmState>
export type WarmResult = z.output<typeof warming.warmResult>

export type LookInput = z.input<typeof keys.lookQuery>
export type Look = z.output<typeof keys.look>
export type ExplainInput = z.input<typeof keys.explainBody>
export type Explanation = z.output<typeof keys.explanation>
export type KeyState = z.output<typeof keys.keyState>
export type Copy = z.output<typeof keys.copy>
export type Write = z.output<typeof keys.write>
export type DeleteKeyInput = z.input<typeof keys.deleteKeyBody>

export type TagsInput = z.input<typeof logs.tagsQuery>
export type Tags = z.output<typeof logs.tags>
export type KeysInput = z.input<typeof logs.keysQuery>
export type Keys = z.output<typeof logs.keys>
export type InvalidationsInput = z.input<typeof logs.invalidationsQuery>
export type Invalidation = z.output<typeof logs.invalidation>
export type Invalidations = z.output<typeof logs.invalidations>
export type WriteCostsInput = z.input<typeof logs.writeCostsQuery>
export type WriteCosts = z.output<typeof logs.writeCosts>
export type WriteCost = z.output<typeof logs.writeCost>
export type Instances = z.output<typeof logs.instances>
export type AuditInput = z.input<typeof logs.auditQuery>
export type AuditRow = z.output<typeof logs.auditRow>
export type Audit = z.output<typeof logs.audit>

/** Body of every answer whose status is not 200. */
export type ApiError = z.output<typeof logs.apiError>

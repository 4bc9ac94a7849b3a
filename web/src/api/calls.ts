import type {
  Audit,
  AuditInput,
  BumpInput,
  BumpResult,
  ChangePoliciesInput,
  ChangePoliciesResult,
  ClearAllInput,
  DeleteKeyInput,
  ExplainInput,
  Explanation,
  Instances,
  InvalidateInput,
  Invalidations,
  InvalidationsInput,
  Keys,
  KeysInput,
  Look,
  LookInput,
  Namespaces,
  NamespacesInput,
  Policies,
  PurgeResult,
  QueryStats,
  QueryStatsInput,
  Report,
  ReportInput,
  Series,
  SeriesInput,
  Stats,
  StatsInput,
  Tags,
  TagsInput,
  WarmInput,
  WarmResult,
  WarmState,
  WriteCosts,
  WriteCostsInput,
} from '../../../src/operations/admin/contract.ts'

type NoParams = Readonly<Record<never, never>>

/** Reads of the management API: parameters and answer by path. */
export interface Reads {
  '/stats': { readonly input: StatsInput; readonly answer: Stats }
  '/series': { readonly input: SeriesInput; readonly answer: Series }
  '/query-stats': { readonly input: QueryStatsInput; readonly answer: QueryStats }
  '/performance-report': { readonly input: ReportInput; readonly answer: Report }
  '/namespaces': { readonly input: NamespacesInput; readonly answer: Namespaces }
  '/policies': { readonly input: NoParams; readonly answer: Policies }
  '/tags': { readonly input: TagsInput; readonly answer: Tags }
  '/keys': { readonly input: KeysInput; readonly answer: Keys }
  '/key': { readonly input: LookInput; readonly answer: Look }
  '/warm': { readonly input: NoParams; readonly answer: WarmState }
  '/invalidations': { readonly input: InvalidationsInput; readonly answer: Invalidations }
  '/write-costs': { readonly input: WriteCostsInput; readonly answer: WriteCosts }
  '/instances': { readonly input: NoParams; readonly answer: Instances }
  '/audit': { readonly input: AuditInput; readonly answer: Audit }
}

/** Calls of the management API that change something or explain: body and answer by path. */
export interface Writes {
  '/namespaces': { readonly body: BumpInput; readonly answer: BumpResult }
  '/policies': { readonly body: ChangePoliciesInput; readonly answer: ChangePoliciesResult }
  '/invalidate': { readonly body: InvalidateInput; readonly answer: PurgeResult }
  '/clear-all': { readonly body: ClearAllInput; readonly answer: PurgeResult }
  '/warm': { readonly body: WarmInput; readonly answer: WarmResult }
  '/key/explain': { readonly body: ExplainInput; readonly answer: Explanation }
  '/key/delete': { readonly body: DeleteKeyInput; readonly answer: PurgeResult }
}

/**
 * Parameters of a read. `undefined` leaves a parameter out, so that a view can pass on what its address contains. Numbers are sent as texts.
 */
export type InputOf<Path extends keyof Reads> = { readonly [Name in keyof Reads[Path]['input']]?: Reads[Path]['input'][Name] | undefined }

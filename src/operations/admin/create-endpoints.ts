import { type Entity, MANAGEMENT_TAG } from '../../engine/cache/model/entity.ts'
import { statementRunner } from '../../engine/postgres/run-statement.ts'
import { fieldShape } from '../../gateway/graphql/schema/field-shape.ts'
import { type PolicyOfKey, policiesOfKeys } from '../../gateway/policies/policies-of-keys.ts'
import { Replay } from '../../gateway/warming/replay.ts'
import { boundedReader } from '../history/bounded-reader.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { Endpoint } from './endpoint.ts'
import type { ExperimentStore } from './experiments/experiment-store.ts'
import { adviceByOperation } from './figures/current-advice.ts'
import { ServerFigures } from './figures/server-figures.ts'
import { auditEndpoint } from './handlers/audit.ts'
import { clearAllEndpoint } from './handlers/clear-all.ts'
import { experimentsEndpoint, startExperimentEndpoint, stopExperimentEndpoint } from './handlers/experiments.ts'
import { explainEndpoint } from './handlers/explain.ts'
import { instancesEndpoint } from './handlers/instances.ts'
import { invalidateEndpoint } from './handlers/invalidate.ts'
import { invalidationsEndpoint } from './handlers/invalidations.ts'
import { deleteKeyEndpoint, lookEndpoint } from './handlers/key.ts'
import { keysEndpoint } from './handlers/keys.ts'
import { bumpEndpoint, namespacesEndpoint } from './handlers/namespaces.ts'
import { reportEndpoint } from './handlers/performance-report.ts'
import { changePoliciesEndpoint, policiesEndpoint } from './handlers/policies.ts'
import { queryStatsEndpoint } from './handlers/query-stats.ts'
import { seriesEndpoint } from './handlers/series.ts'
import { statsEndpoint } from './handlers/stats.ts'
import { tagsEndpoint } from './handlers/tags.ts'
import { warmEndpoint, warmStateEndpoint } from './handlers/warm.ts'
import { writeCostsEndpoint } from './handlers/write-costs.ts'
import type { InstanceRegistry } from './instances/instance-registry.ts'
import { type AppliedWrite, KeyInspector } from './keys/key-inspector.ts'
import { OperationExplainer } from './keys/operation-explainer.ts'
import type { ManagementOptions } from './management-options.ts'
import type { PolicyStore } from './policies/policy-store.ts'
import { PurgeTargets } from './purge/purge-targets.ts'
import { Purger } from './purge/purger.ts'

export interface EndpointsOptions extends ManagementOptions {
  readonly registry: InstanceRegistry
  readonly policies: PolicyStore
  readonly experiments: ExperimentStore
  readonly audit: AuditLog
  readonly recentWrites: () => readonly AppliedWrite[]
}

/** Creates all endpoints of the management API. The history gets the advisor, whose recommendations it stores. */
export function createEndpoints(options: EndpointsOptions): readonly Endpoint[] {
  const {
    cache,
    graphql,
    entities,
    env,
    registry,
    policies: store,
    experiments,
    audit,
    recentWrites,
    stalenessBoundMs,
    warming,
    history,
    database,
  } = options
  const { gateway, execution } = graphql
  const { policies } = gateway
  const purger = new Purger({ cache, registry, env, stalenessBoundMs, purging: options.purging })
  const spread = { purger, announce: (cause: string) => cache.invalidate([MANAGEMENT_TAG], cause) }
  const read = boundedReader(database)
  const now = () => cache.now()
  // The answer to a change must not fail because others read through the connection for operators: the change is made already.
  const changing = { ...spread, read: statementRunner(options.db), now, experiments }
  const targets = new PurgeTargets({ entities, tenants: options.tenants })
  const policyOf: PolicyOfKey = (key) => policiesOfKeys(options.otherPolicies, gateway.rules.values())(key)
  const inspector = new KeyInspector({ cache, policyOf, recentWrites, stalenessBoundMs })
  const explainer = new OperationExplainer({ execution, cache, inspector, stalenessBoundMs })
  const replay = new Replay(execution)
  const policiesOf = ({ type, table }: Entity) =>
    [...gateway.coveredTables].filter(([coordinate, tables]) => coordinate === type || tables.has(table)).map(([coordinate]) => coordinate)
  const servers = new ServerFigures(options)
  const { memoryBytes, readersOf, policiesByOperation } = options
  const shapeOf = (field: string) => fieldShape(gateway.schema, field)
  const advising = { cache, policies, entities, shapeOf, memoryBytes, registry, isWarming: warming !== undefined }
  history?.adviseBy((source) => adviceByOperation(source, { ...advising, policiesByOperation }))
  return [
    statsEndpoint({ cache, history, registry, servers, stalenessBoundMs }),
    seriesEndpoint({ cache, read, history, env }),
    queryStatsEndpoint({ cache, history }),
    reportEndpoint({ ...advising, readersOf, history, env }),
    namespacesEndpoint({ cache, entities, policiesOf }),
    bumpEndpoint({ purger, targets }),
    policiesEndpoint({ policies, store }),
    changePoliciesEndpoint({ policies, store, ...spread }),
    experimentsEndpoint({ read, now }),
    startExperimentEndpoint(changing),
    stopExperimentEndpoint(changing),
    tagsEndpoint({ cache, recentWrites }),
    invalidateEndpoint({ purger, targets }),
    clearAllEndpoint({ purger, targets }),
    warmStateEndpoint({ warming, registry }),
    warmEndpoint({ warming, replay, env }),
    keysEndpoint({ cache }),
    lookEndpoint({ cache, inspector }),
    explainEndpoint({ inspector, explainer }),
    deleteKeyEndpoint({ purger }),
    invalidationsEndpoint({ cache, history, entities }),
    writeCostsEndpoint({ cache, history, readersOf: options.readersOf }),
    instancesEndpoint({ registry, now: () => cache.now() }),
    auditEndpoint({ audit }),
  ]
}

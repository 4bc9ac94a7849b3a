import { buildASTSchema, type GraphQLObjectType, isObjectType, parse } from 'graphql'
import { Kysely } from 'kysely'
import { readConfig } from '#src/config/config.ts'
import { Cache, type Entity, MemoryLog } from '#src/engine/cache/index.ts'
import type { Tables } from '#src/gateway/contract/tables.ts'
import { Trace } from '#src/gateway/graphql/answers/trace.ts'
import { FieldLoaders } from '#src/gateway/graphql/execution/field-loaders.ts'
import { ExecutionBudget } from '#src/gateway/graphql/execution/limits/execution-budget.ts'
import { NO_DIRECTIVES } from '#src/gateway/graphql/execution/request-directives.ts'
import { fieldShape } from '#src/gateway/graphql/schema/field-shape.ts'
import { compileDependencies, type FieldDependencies } from '#src/gateway/policies/dependencies.ts'
import { PolicyRegistry } from '#src/gateway/policies/policy-registry.ts'
import { Popularity } from '#src/gateway/policies/popularity.ts'
import { advise } from '#src/operations/admin/figures/advice.ts'
import type { Recommendation } from '#src/operations/admin/figures/advice-options.ts'
import { sumOf } from '#src/operations/admin/figures/read-figures.ts'
import { ratesOf } from '#src/operations/history/rates.ts'
import { UsageMeter } from '#src/operations/telemetry/usage-meter.ts'
import { MapTier } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { dummyDialect } from '../graphql/dummy-dialect.ts'
import { ENTITIES, type Happening, Rows, TENANT, TRAFFIC_MS } from './market.ts'
import { DIRECTIVES, type SetUp } from './set-up.ts'

export interface Ran {
  /** Field hit rate of all fields, points. */
  readonly points: number
  readonly recommendations: readonly Recommendation[]
  readonly meter: UsageMeter
}

const LOAD_MS = 4
const db = new Kysely<Tables>({ dialect: dummyDialect })
const { limits } = readConfig({})

/** Serves traffic from the real cache with the loaders of the gateway, and asks the advisor about it. */
export async function run(
  { sdl, overrides, memoryBytes, isShared }: SetUp,
  happenings: readonly Happening[],
  advisor = advise,
): Promise<Ran> {
  const schema = buildASTSchema(parse(`${DIRECTIVES}\nenum Role { VIEWER EDITOR ADMIN OPERATOR }\n${sdl}`), { assumeValidSDL: true })
  const policies = new PolicyRegistry({ schema, configured: overrides })
  const entities = new Map<string, Entity>(Object.entries(ENTITIES))
  const typeOf = (coordinate: string) => schema.getType(coordinate.split('.')[0] ?? '') as GraphQLObjectType
  const dependencies = new Map<string, FieldDependencies>()
  for (const rule of policies.rules.values()) {
    const parentType = typeOf(rule.coordinate)
    const field = parentType.getFields()[rule.coordinate.split('.')[1] ?? '']
    if (!isObjectType(parentType) || !field) continue
    const isRoot = parentType === schema.getQueryType()
    dependencies.set(
      rule.coordinate,
      compileDependencies({ rule, parentType, isRoot, field, entities, parentNames: ['id'], localId: (id) => id }),
    )
  }
  const rules = new Map([...policies.rules].map(([coordinate, rule]) => [coordinate, { ...rule, namespace: `${coordinate}@1` }]))
  const env = new ManualEnv(7)
  const log = new MemoryLog(() => env.now())
  const meter = new UsageMeter()
  const cache = new Cache({
    log,
    env,
    entities: [...entities.values()],
    secrets: ['secret'],
    memoryBytes,
    onEvent: (event) => meter.onCacheEvent(event),
    ...(isShared ? { remote: new MapTier() } : {}),
  })
  await cache.start()
  const rows = new Rows()
  const popularity = new Popularity({ monotonic: () => env.monotonic(), seed: 1 })
  const entityTypes = new Map([...entities].map(([type, entity]) => [type, { entity }]))
  const read = async ({ field: coordinate, parent, args, user }: Extract<Happening, { kind: 'read' }>) => {
    const trace = new Trace({ debug: false })
    const loaders = new FieldLoaders({
      cache,
      rules,
      dependencies,
      entityTypes,
      popularity,
      trace,
      session: cache.openSession(),
      scope: { db, now: () => cache.now(), requireViewer: () => ({ tenant: TENANT, userId: user, role: 'VIEWER' }) },
      directives: NO_DIRECTIVES,
      isRefresh: false,
      checkedLoad: undefined,
      isStrict: () => false,
      budget: new ExecutionBudget(limits, { monotonic: () => 0, nextTurn: () => Promise.resolve() }, false),
      signal: undefined,
      currentPath: () => [],
    })
    const parentType = typeOf(coordinate)
    const fieldName = coordinate.split('.')[1] ?? ''
    const field = parentType.getFields()[fieldName]
    if (!field) throw new Error(`The schema has no field ${coordinate}.`)
    const declared = field.args.map(({ name }) => name)
    const given = Object.fromEntries(Object.entries(args).filter(([name]) => declared.includes(name)))
    const prev = parent === undefined ? undefined : { prev: undefined, key: 'shop', typename: 'Query' }
    const info = {
      parentType,
      returnType: field.type,
      fieldName,
      fieldNodes: [],
      path: { prev, key: fieldName, typename: parentType.name },
    }
    const load = async (parents: readonly unknown[]) => {
      env.suspend(LOAD_MS)
      return parents.map(() => rows.load(coordinate, parent, args))
    }
    await loaders.load(load, parent === undefined ? {} : { id: parent }, given, info)
  }
  const start = env.monotonic()
  for (const happening of happenings) {
    env.suspend(Math.max(0, start + happening.at - env.monotonic()))
    if (happening.kind === 'read') await read(happening)
    else await log.append(rows.write(happening.entity, happening.id, happening.row), 'mutation write')
  }
  const fields = meter.fields()
  const stats = cache.stats()
  const recommendations = advisor({
    fields,
    tags: meter.tags(),
    rangeMs: TRAFFIC_MS,
    falls: [],
    ruleOf: (field) => policies.rules.get(field),
    overrideOf: () => ({}),
    shapeOf: (field) => fieldShape(schema, field),
    entities: new Map([...entities].map(([type, { dimensions }]) => [type, dimensions])),
    simulated: cache.inventory.simulations(),
    memoryBytes,
    entryBytes: stats.memoryEntries === 0 ? null : stats.memoryBytes / stats.memoryEntries,
    curve: cache.inventory.missRatioCurve(),
    processes: { alive: 1, others: [] },
    isWarming: true,
  })
  await cache.close()
  return { points: 100 * (ratesOf(sumOf(fields)).hitRate ?? 0), recommendations, meter }
}

import { type Endpoint, endpoint } from '../endpoint.ts'
import { judged } from '../figures/slowness.ts'
import { ALIVE_MS, type InstanceRegistry } from '../instances/instance-registry.ts'
import { instances } from '../schemas/logs.ts'

export interface InstancesOptions {
  readonly registry: Pick<InstanceRegistry, 'list' | 'id'>
  readonly now: () => number
}

/** GET /instances: the processes that share the database. */
export function instancesEndpoint({ registry, now }: InstancesOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/instances',
    summary: 'Lists the processes',
    description: 'All processes that share the database, as each reported itself in the last seconds.',
    roles: ['OPERATOR'],
    answer: instances,
    handle: async () => ({
      at: new Date(now()).toISOString(),
      instances: (await registry.list()).map(({ silentMs, stalenessBoundMs: _, lagMs, details, ...instance }) => ({
        ...instance,
        lagMs: lagMs ?? null,
        eventLoopLagMs: details.eventLoopLagMs ?? null,
        eventLoopUtilization: details.eventLoopUtilization ?? null,
        waiting: details.waiting
          ? {
              redis: judged('redis', details.waiting),
              statement: judged('statement', details.waiting),
              connection: judged('connection', details.waiting),
              eventLoop: details.waiting.eventLoop,
            }
          : null,
        breaker: details.breaker ?? null,
        shadow: details.shadow ?? null,
        tenants: details.tenants ? [...details.tenants] : null,
        isAlive: silentMs < ALIVE_MS,
        isAnswering: instance.id === registry.id,
      })),
    }),
  })
}

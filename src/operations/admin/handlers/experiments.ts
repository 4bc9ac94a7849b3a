import type { Principal } from '../../../gateway/identity/principal.ts'
import type { RunStatement } from '../../history/run-statement.ts'
import type { Experiments } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { reportExperiments } from '../experiments/experiment-report.ts'
import type { ExperimentStore } from '../experiments/experiment-store.ts'
import { type SpreadOptions, spreadChange } from '../policies/spread-change.ts'
import { causeOfCall } from '../purge/cause-of-call.ts'
import {
  changeExperimentsResult,
  experimentsQuery,
  experiments as schema,
  startExperimentBody,
  stopExperimentBody,
} from '../schemas/experiments.ts'

export interface ExperimentsOptions {
  /** Runs a statement that reads, apart from the requests. */
  readonly read: RunStatement
  /** Returns the time of the database's clock, Unix epoch ms. */
  readonly now: () => number
}

export interface ChangeExperimentsOptions extends ExperimentsOptions, SpreadOptions {
  readonly experiments: Pick<ExperimentStore, 'start' | 'stop'>
}

/** Number of experiments in the answer to a change. */
const SHOWN = 10

/** GET /experiments: the experiments with cache policies, with the comparison of their arms. */
export function experimentsEndpoint(options: ExperimentsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/experiments',
    summary: 'Lists experiments with cache policies',
    description:
      'Compares the hit rates of the two arms of each experiment. The comparison changes once an hour, and at the end of the experiment.',
    roles: ['OPERATOR'],
    query: experimentsQuery,
    answer: schema,
    handle: ({ query }) => report(options, query.limit),
  })
}

/** POST /experiments: starts an experiment. */
export function startExperimentEndpoint({ experiments, ...options }: ChangeExperimentsOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/experiments',
    summary: 'Starts an experiment with a cache policy',
    description:
      'Serves the keys of one type or field under two policies, on all processes, until the experiment is stopped. A hash of the key chooses the arm. At most four experiments run at the same time, and one on each type or field.',
    roles: ['OPERATOR'],
    body: startExperimentBody,
    answer: changeExperimentsResult,
    handle: async ({ caller, body }) => {
      const version = await experiments.start({ ...body, reason: body.reason, by: nameOf(caller) })
      const instances = await spreadChange(options, version, causeOfCall(caller, 'experiments', body.reason))
      return { ...(await report(options, SHOWN)), instances }
    },
  })
}

/** POST /experiments/stop: stops an experiment. */
export function stopExperimentEndpoint({ experiments, ...options }: ChangeExperimentsOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/experiments/stop',
    summary: 'Stops an experiment with a cache policy',
    description:
      'All keys get the policy of the control again. The result stays readable. To keep the policy of the trial, set its `valuesToKeep` by POST /policies.',
    roles: ['OPERATOR'],
    body: stopExperimentBody,
    answer: changeExperimentsResult,
    handle: async ({ caller, body }) => {
      const version = await experiments.stop({ ...body, reason: body.reason, by: nameOf(caller) })
      const instances = await spreadChange(options, version, causeOfCall(caller, 'experiments/stop', body.reason))
      return { ...(await report(options, SHOWN)), instances }
    },
  })
}

async function report({ read, now }: ExperimentsOptions, limit: number): Promise<Experiments> {
  const at = now()
  return { at: new Date(at).toISOString(), experiments: await reportExperiments(read, limit, at) }
}

function nameOf({ userId, tenant }: Principal): string {
  return `${userId} of ${tenant}`
}

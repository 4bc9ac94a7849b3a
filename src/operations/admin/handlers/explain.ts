import { tenantOf } from '../access.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { KeyInspector } from '../keys/key-inspector.ts'
import type { OperationExplainer } from '../keys/operation-explainer.ts'
import { checkedKey } from '../purge/purge-targets.ts'
import { RequestProblem } from '../request-problem.ts'
import { explainBody, explanation } from '../schemas/keys.ts'

export interface ExplainOptions {
  readonly inspector: Pick<KeyInspector, 'describe'>
  readonly explainer: Pick<OperationExplainer, 'explain'>
}

/** POST /key/explain: says for each cached part of an answer where it is, how old it is, and which write invalidated it last. */
export function explainEndpoint({ inspector, explainer }: ExplainOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/key/explain',
    summary: 'Explains an answer or a key',
    description:
      'Takes an operation or a key. An operation is executed for the caller that the request describes. The explanation contains paths, keys and tags, but no value of the answer.',
    body: explainBody,
    answer: explanation,
    handle: async ({ caller, body: { key: text, operation } }) => {
      if ((text === undefined) === (operation === undefined))
        throw new RequestProblem('BAD_USER_INPUT', undefined, 'Expected either a key or an operation: name one of them.')
      if (operation !== undefined) {
        const tenant = tenantOf(caller, operation.tenant) ?? null
        const { query, operationName, variables, userId } = operation
        if (operation.role === 'OPERATOR' && caller.role !== 'OPERATOR')
          throw new RequestProblem('FORBIDDEN', 'operation.role', `expected at most the own role ${caller.role}, got OPERATOR.`)
        const role = tenant === null ? null : operation.role
        return explainer.explain({ document: query, operationName, variables, tenant, role, userId, isTrusted: true })
      }
      const { key, tenant } = checkedKey(text ?? '', tenantOf(caller, undefined))
      const answer = await inspector.describe({ key: { tenant, text: key }, tags: [tenant] })
      return { answer, parts: [], partCount: 0, notCachedBecause: null, sentence: answer.sentence, wholeAnswer: null, execution: null }
    },
  })
}
